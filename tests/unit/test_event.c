/* The queue id that an acceptance names. */
#include "event.h"
#include "tap.h"

static const struct {
    const char *reply, *want;
} accepted[] = {
    { "250 2.0.0 Ok: queued as 4jX5yV3ttFz1djlX", "4jX5yV3ttFz1djlX" },
    { "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4Bx", "" },
    { "250 2.6.0 Ok, id=00288-03, from MTA: 250 2.0.0 Ok: queued as AAAA1, queued as BBBB2", "BBBB2" },
    { "250 OK id=1xUtIx-00000d-22", "1xUtIx-00000d-22" },
    { "250 2.0.0 58EAA0cU000101 Message accepted for delivery", "58EAA0cU000101" },
    { "250 Ok 0100018f3a2b4c5d-1b2c3d4e-1234-5678-9abc-def012345678-000000",
      "0100018f3a2b4c5d-1b2c3d4e-1234-5678-9abc-def012345678-000000" },
    { "250 Ok 0100018f3a2b4c5d-1b2c3d4e-1234-5678-9abc-def012345678", "" },
    { "250 2.0.0 OK  1789380001 d9443c01a7336-1e0b6b1dcb6si12345678plb.57 - gsmtp",
      "d9443c01a7336-1e0b6b1dcb6si12345678plb.57" },
    { "250 2.0.0 OK 1789380001 x5si1234plb.57 - gsmtp", "x5si1234plb.57" },
    { "550-5.1.1 The email account that you tried to reach does not exist. - gsmtp", "" },
    { "250 2.6.0 <m1@example.com> [InternalId=12345678901234, Hostname=AM0PR01MB1234.example.com] 9876 bytes "
      "in 0.123, "
      "78.9 KB/sec Queued mail for delivery",
      "12345678901234" },
    { "250 2.0.0 Ok: queued on mail1.example.com as 1789380001-AbCdEfGhIj", "1789380001-AbCdEfGhIj" },
    { "250 2.0.0 OK 6E/12-34567-89ABCDEF", "6E/12-34567-89ABCDEF" },
    { "250 Ok. 00000000004C0C1A.0000000065A1B2C3.00001234", "00000000004C0C1A.0000000065A1B2C3.00001234" },
    { "250 ok:  Message 123456789 accepted", "123456789" },
    { "250 Ok", "" },
    { "250 2.0.0 OK", "" },
    { "250 ok dirdel", "" },
    { "250", "" },
    { "", "" },
    { " - gsmtp", "" },
    { "250 queued on ", "" },
};

int
main(void)
{
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        struct event e = { .result = RESULT_SENT };
        EV(&e, REPLY) = str_from(accepted[i].reply);
        event_parse_reply(&e);
        is_str(EV(&e, NEXT_QUEUE_ID), accepted[i].want, accepted[i].reply);
    }
    return done_testing();
}
