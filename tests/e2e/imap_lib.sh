# For tests with an IMAP server, sourced behind ../tap.sh: a Dovecot of the test's own below $T/imap, with a
# certificate of its own authority, on ports that are free.  Two users, ann and bob, with the password "secret".
# shellcheck shell=bash
# Dovecot 2.4 wants other settings, and a server of tokens to believe in tokens.
imap_have() { command -v dovecot >/dev/null && [[ $(dovecot --version) == 2.[0-3].* ]] && command -v openssl >/dev/null && [ -x /usr/lib/dovecot/imap ]; }

imap_certificates() { # $I/ca.pem signs $I/cert.pem for localhost; $I/other.pem signs nothing
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=waybill test authority" \
        -keyout "$I/ca.key" -out "$I/ca.pem" 2>/dev/null &&
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=another authority" \
        -keyout "$I/other.key" -out "$I/other.pem" 2>/dev/null &&
    openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$I/key.pem" -out "$I/cert.csr" 2>/dev/null &&
    printf 'subjectAltName=DNS:localhost\n' >"$I/ext" &&
    openssl x509 -req -in "$I/cert.csr" -CA "$I/ca.pem" -CAkey "$I/ca.key" -CAcreateserial -days 2 \
        -extfile "$I/ext" -out "$I/cert.pem" 2>/dev/null
}

free_ports() { # N
    python3 - "$1" <<'EOF'
import socket, sys
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in held])
EOF
}

imap_start() { # leaves $imap_port (STARTTLS) and $imaps_port
    I=$T/imap
    mkdir -p "$I/run" "$I/mail" && imap_certificates || return 1
    read -r imap_port imaps_port < <(free_ports 2)
    local me mail group
    me=$(id -un) mail=$me group=$(id -gn)
    local users="default_internal_user = $me
default_internal_group = $group
default_login_user = $me"
    if [ "$(id -u)" = 0 ]; then # it will not run its sessions as root
        users="default_internal_user = dovecot
default_login_user = dovenull"
        mail=nobody group=nogroup
        chown -R nobody:nogroup "$I/mail"
        chmod 711 "$I"
    fi
    cat >"$I/dovecot.conf" <<EOF
base_dir = $I/run
state_dir = $I/run
log_path = $I/log
protocols = imap
listen = 127.0.0.1
$users
first_valid_uid = 1
ssl = yes
ssl_cert = <$I/cert.pem
ssl_key = <$I/key.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login oauthbearer xoauth2
auth_failure_delay = 0
mail_location = maildir:$I/mail/%u
mail_max_userip_connections = 50
namespace inbox {
  inbox = yes
  separator = /
  mailbox Junk {
    auto = create
    special_use = \Junk
  }
}
passdb {
  driver = static
  args = password=secret
  mechanisms = plain login
}
passdb {
  driver = static
  args = password=token-123
  mechanisms = oauthbearer xoauth2
}
userdb {
  driver = static
  args = uid=$mail gid=$group home=$I/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = $imaps_port
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
EOF
    dovecot -c "$I/dovecot.conf" >"$I/start" 2>&1 || { sed 's/^/# /' "$I/start" "$I/log"; return 1; }
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])))' "$imaps_port" 2>/dev/null && return 0
        sleep 0.2
    done
    return 1
}
imap_stop() { [ -e "$T/imap/run/master.pid" ] && kill "$(cat "$T/imap/run/master.pid")" 2>/dev/null; }

# imap_put FOLDER FILE...: each file becomes a message in ann's folder
imap_put() {
    local folder=$1; shift
    python3 - "$imap_port" "$folder" "$@" <<'EOF'
import imaplib, ssl, sys
port, folder, files = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
c = imaplib.IMAP4("127.0.0.1", port)
context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
c.starttls(context)
c.login("ann", "secret")
c.create(folder)
for f in files:
    answer = c.append(folder, None, '"17-Jul-2026 02:44:25 +0000"', open(f, "rb").read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert answer[0] == "OK", answer
c.logout()
EOF
}
# imap_do COMMAND...: imaplib calls on ann's mailbox, say: imap_do "c.delete('X')"
imap_do() {
    python3 - "$imap_port" "$1" <<'EOF'
import imaplib, ssl, sys
c = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
c.starttls(context)
c.login("ann", "secret")
exec(sys.argv[2])
c.logout()
EOF
}
imap_count() { imap_do "print(int(c.select('$1', True)[1][0]))"; } # FOLDER
