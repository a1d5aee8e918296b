/* libcurl, used for what comes before the first command of ours: names, proxies, TLS, login.
 *
 * Its own IMAP transfers are not used: they mark messages as read, and lose what lies in literals of any
 * command but FETCH of one message. */
#include "imap_net.h"

#include "imap_reply.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdlib.h>

struct imap_net {
    CURL *curl;
    curl_socket_t socket;
    bool (*stop)(void);
    char said[CURL_ERROR_SIZE]; /* libcurl's words */
    char answer[200];           /* the server's last line that refused something */
};

int imap_wait_s;

static int
on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t e)
{
    const struct imap_net *net = ctx;
    (void)a, (void)b, (void)c, (void)e;
    return net->stop && net->stop();
}

/* The server's own reason, which libcurl keeps to itself.  What we send, secrets among it, is not looked at. */
static int
on_debug(CURL *curl, curl_infotype type, char *data, size_t n, void *ctx)
{
    struct imap_net *net = ctx;
    (void)curl;
    if (type != CURLINFO_HEADER_IN)
        return 0;
    str line = str_trim(str_of(data, n));
    struct str_cut tag = str_cut(line, ' ');
    bool refused = str_istarts(tag.tail, S("NO ")) || str_istarts(tag.tail, S("BAD ")) ||
                   str_istarts(tag.tail, S("BYE "));
    if (!refused)
        return 0;
    str text = str_head(tag.tail, sizeof net->answer - 1);
    for (size_t i = 0; i < text.n; i++)
        net->answer[i] = (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i];
    net->answer[text.n] = '\0';
    return 0;
}

static bool
is_loopback(str host)
{
    return str_eq(host, S("localhost")) || str_eq(host, S("::1")) || str_starts(host, S("127."));
}

static void
set_security(struct imap_net *net, const struct imap_login *l)
{
    CURL *c = net->curl;
    long use = CURLUSESSL_ALL;
    if (!l->url->tls && l->plaintext) {
        use = CURLUSESSL_NONE;
    } else if (!l->url->tls && is_loopback(l->url->host) && l->ca_file == NULL) {
        /* It never leaves the machine, and its certificate names another host: TLS where it is offered. */
        use = CURLUSESSL_TRY;
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    curl_easy_setopt(c, CURLOPT_USE_SSL, use);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (l->client_cert)
        curl_easy_setopt(c, CURLOPT_SSLCERT, l->client_cert);
    if (l->client_key)
        curl_easy_setopt(c, CURLOPT_SSLKEY, l->client_key);
    if (l->ca_file) {
        curl_easy_setopt(c, CURLOPT_CAINFO, l->ca_file);
        curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
    }
}

static void
set_login(struct imap_net *net, const struct imap_login *l)
{
    CURL *c = net->curl;
    struct arena a = { 0 };
    struct imap_url where = *l->url;
    where.user = (str){ 0 };
    curl_easy_setopt(c, CURLOPT_URL, arena_z(&a, imap_url_print(&a, &where, (str){ 0 }, 0, 0)));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(c, CURLOPT_USERNAME, l->user);
    curl_easy_setopt(c, l->oauth ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, l->secret);
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    arena_free(&a);
}

/* What libcurl's codes mean for a user, and what to do. */
static const struct {
    CURLcode code;
    enum imap_trouble trouble;
    const char *text;
} meanings[] = {
    { CURLE_LOGIN_DENIED, IMAP_REFUSED,
      "authentication refused (check the user and the password; many providers "
      "want an app password, or a token with --oauth)" },
    { CURLE_PEER_FAILED_VERIFICATION, IMAP_REFUSED,
      "the server's certificate is not trusted (--ca-file FILE names the authority that signed it)" },
    { CURLE_SSL_CACERT_BADFILE, IMAP_REFUSED,
      "the file of certificate authorities cannot be read (--ca-file FILE; Debian's package is "
      "ca-certificates)" },
    { CURLE_SSL_CERTPROBLEM, IMAP_REFUSED,
      "the client certificate cannot be used (--client-cert FILE, --client-key FILE: PEM, without a "
      "passphrase)" },
    { CURLE_USE_SSL_FAILED, IMAP_REFUSED,
      "the server offers no STARTTLS (use imaps://, or --plaintext where the network is yours)" },
    { CURLE_SSL_CONNECT_ERROR, IMAP_REFUSED,
      "no TLS connection (imaps:// is for port 993, imap:// for 143)" },
    { CURLE_UNSUPPORTED_PROTOCOL, IMAP_REFUSED, "this libcurl knows no IMAP" },
    { CURLE_COULDNT_RESOLVE_HOST, IMAP_CUT, "no such host, or no name service" },
    { CURLE_COULDNT_RESOLVE_PROXY, IMAP_CUT, "no such proxy" },
    { CURLE_COULDNT_CONNECT, IMAP_CUT, "no connection" },
    { CURLE_OPERATION_TIMEDOUT, IMAP_CUT, "no answer in time" },
    { CURLE_WEIRD_SERVER_REPLY, IMAP_CUT, "the server does not greet as IMAP servers do" },
};

static enum imap_trouble
explain(const struct imap_net *net, CURLcode code, struct diag *d)
{
    enum imap_trouble trouble = IMAP_CUT;
    const char *text = "the connection was cut";
    if (code == CURLE_ABORTED_BY_CALLBACK)
        trouble = IMAP_STOPPED;
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].code == code) {
            trouble = meanings[i].trouble;
            text = meanings[i].text;
        }
    if (code == CURLE_PEER_FAILED_VERIFICATION && strstr(net->said, "subject name"))
        text = "the server's certificate is another host's (name the host as its certificate does)";
    if (code == CURLE_PEER_FAILED_VERIFICATION && strstr(net->said, "expired"))
        text = "the server's certificate has expired";
    bool passes = imap_passes(str_from(net->answer), false, &imap_wait_s);
    if (net->answer[0] && passes && (code == CURLE_LOGIN_DENIED || code == CURLE_WEIRD_SERVER_REPLY)) {
        trouble = IMAP_CUT;
        text = "the server lets nobody in just now";
    }
    const char *detail = net->answer[0] ? net->answer : net->said[0] ? net->said : curl_easy_strerror(code);
    diag_set(d, EXIT_NO_INPUT, "%s: %s", text, detail);
    return trouble;
}

enum imap_trouble
imap_net_open(struct imap_net **out, const struct imap_login *l, struct diag *d)
{
    static bool ready;
    *out = NULL;
    imap_wait_s = 0;
    if (!ready && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        diag_set(d, EXIT_INTERNAL, "libcurl cannot be used");
        return IMAP_REFUSED;
    }
    ready = true;
    struct imap_net *net = xcalloc(1, sizeof *net);
    net->stop = l->stop;
    net->curl = curl_easy_init();
    if (net->curl == NULL)
        die(EXIT_INTERNAL, "out of memory");
    curl_easy_setopt(net->curl, CURLOPT_ERRORBUFFER, net->said);
    curl_easy_setopt(net->curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(net->curl, CURLOPT_CONNECTTIMEOUT, (long)IMAP_CONNECT_S);
    curl_easy_setopt(net->curl, CURLOPT_TIMEOUT, (long)IMAP_LOGIN_S);
    curl_easy_setopt(net->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(net->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(net->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(net->curl, CURLOPT_XFERINFODATA, net);
    curl_easy_setopt(net->curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(net->curl, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(net->curl, CURLOPT_DEBUGDATA, net);
    set_security(net, l);
    set_login(net, l);
    CURLcode code = curl_easy_perform(net->curl);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(net->curl, CURLINFO_ACTIVESOCKET, &net->socket);
    if (code == CURLE_OK) {
        *out = net;
        return IMAP_FINE;
    }
    enum imap_trouble trouble = explain(net, code, d);
    imap_net_close(net);
    return trouble;
}

void
imap_net_close(struct imap_net *net)
{
    if (net == NULL)
        return;
    curl_easy_cleanup(net->curl);
    free(net);
}

static enum imap_trouble
wait_for(struct imap_net *net, short events, struct diag *d)
{
    enum { SLICE_MS = 500 };
    for (int waited = 0; waited < IMAP_SILENCE_S * 1000; waited += SLICE_MS) {
        struct pollfd p = { .fd = net->socket, .events = events };
        if (net->stop && net->stop()) {
            diag_set(d, EXIT_NO_INPUT, "interrupted");
            return IMAP_STOPPED;
        }
        if (poll(&p, 1, SLICE_MS) > 0)
            return IMAP_FINE;
    }
    diag_set(d, EXIT_NO_INPUT, "the server has said nothing for %d s", IMAP_SILENCE_S);
    return IMAP_CUT;
}

enum imap_trouble
imap_net_send(struct imap_net *net, str bytes, struct diag *d)
{
    while (bytes.n) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(net->curl, bytes.p, bytes.n, &sent);
        enum imap_trouble t = code == CURLE_AGAIN ? wait_for(net, POLLOUT, d) : IMAP_FINE;
        if (t != IMAP_FINE)
            return t;
        if (code != CURLE_OK && code != CURLE_AGAIN) {
            diag_set(d, EXIT_NO_INPUT, "the connection was cut: %s", curl_easy_strerror(code));
            return IMAP_CUT;
        }
        bytes = str_skip(bytes, sent);
    }
    return IMAP_FINE;
}

enum imap_trouble
imap_net_receive(struct imap_net *net, char *p, size_t n, size_t *got, struct diag *d)
{
    for (;;) {
        *got = 0;
        CURLcode code = curl_easy_recv(net->curl, p, n, got);
        if (code == CURLE_OK && *got > 0)
            return IMAP_FINE;
        if (code != CURLE_AGAIN) {
            diag_set(d, EXIT_NO_INPUT, "the connection was cut%s%s", code == CURLE_OK ? "" : ": ",
                     code == CURLE_OK ? "" : curl_easy_strerror(code));
            return IMAP_CUT;
        }
        enum imap_trouble t = wait_for(net, POLLIN, d);
        if (t != IMAP_FINE)
            return t;
    }
}
