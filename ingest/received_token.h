/* Tokens of a Received field, shared by received.c and received_comment.c. */
#ifndef RECEIVED_TOKEN_H
#define RECEIVED_TOKEN_H

#include "received.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_COMMENT,
    TOKEN_BRACKET,
    TOKEN_ANGLE,
    TOKEN_QUOTED,
    TOKEN_SEMICOLON
};
struct token {
    enum token_kind kind;
    str text;      /* without its brackets; of a comment: all up to its closing parenthesis */
    str from_here; /* the field from this token on */
    bool comma;    /* a comma follows */
};

/* The token at the start of *s, cut off it.  Stray closing brackets and commas are skipped. */
struct token token_cut(str *s);

/* Reads one comment: TLS and login always, the client's names and address only if peer. */
void received_comment(struct arena *, str comment, bool peer, struct received *);

/* Version and cipher as comments and with-clauses tell them, word by word. */
struct tls_words {
    bool cipher_next, bits_seen;
};
void received_tls_word(struct arena *, struct tls_words *, str word, struct received *);

#endif
