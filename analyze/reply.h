#include "chain.h"
reply_classifier reply_classify;
