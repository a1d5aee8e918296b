"""An IMAP server that answers as some servers of the world do: imap_fake.py PORT STATE MANNER

Five messages in INBOX, each a report of its own.  STATE is a file to which every login is written: its mechanism and
secret.  MANNER says what is unusual:

  plain        nothing
  spaces       blanks before closing parentheses, lower case, NIL and unknown items (QQ, Exchange, Zimbra)
  literal8     literals as "~{n}" and "{n+}"
  chatter      untagged responses in between: EXISTS, FETCH of flags, VANISHED, OK with alerts
  nosize       no RFC822.SIZE of some (servers do so where their index is damaged)
  removed      another session has removed the third: NO to every set that names it
  gone         another session has removed the third: it is just not there
  busy-login   the first login is refused: too many connections (Gmail)
  busy-fetch   the first FETCH of bodies is refused: throttled, with a time to wait (Exchange)
  token        the session ends when the token expires; the next one wants another (Exchange Online)
  never        SELECT: "User is authenticated but not connected" (Exchange Online)
  bye          BYE as a greeting, always
  names        folders as literals, in modified UTF-7, with another delimiter
"""
import base64
import re
import socket
import sys
import threading

port, state, manner = int(sys.argv[1]), sys.argv[2], sys.argv[3]
logins = fetches = 0


def report(n):
    return (
        "From: dmarc@receiver.example\r\nSubject: Report Domain: example.com Submitter: receiver.example Report-ID: <%d>\r\n"
        "Message-ID: <%d@receiver.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nX-Spam-Flag: NO\r\nContent-Type: text/xml\r\n\r\n"
        "<feedback><report_metadata><org_name>Receiver</org_name><email>d@receiver.example</email><report_id>%d</report_id>"
        "<date_range><begin>1795132800</begin><end>1795219199</end></date_range></report_metadata><policy_published>"
        "<domain>example.com</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.%d</source_ip><count>7</count>"
        "<policy_evaluated><disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers>"
        "<header_from>example.com</header_from></identifiers></record></feedback>\r\n" % (n, n, n, n)
    ).encode()


messages = {n: report(n) for n in range(1, 6)}


class Session:
    def __init__(self, s):
        self.s, self.f = s, s.makefile("rb")

    def say(self, line):
        self.s.sendall(line.encode() if isinstance(line, str) else line)

    def uids(self, words):
        out = []
        for piece in words.split(","):
            a, _, b = piece.partition(":")
            last = max(messages)
            a, b = (last if x == "*" else int(x) for x in (a, b or a))
            out += [u for u in messages if min(a, b) <= u <= max(a, b)]
        return out

    def login(self, tag, mechanism, secret):
        global logins
        logins += 1
        with open(state, "a") as f:
            f.write("%s %s\n" % (mechanism, secret))
        if manner == "busy-login" and logins == 1:
            self.say(tag + " NO [ALERT] Too many simultaneous connections. (Failure)\r\n")
        elif manner == "token" and not secret.endswith("token%d" % logins):
            self.say(tag + " NO AUTHENTICATE failed.\r\n")
        else:
            self.say(tag + " OK ready\r\n")

    def authenticate(self, tag, rest):
        mechanism, _, first = rest.partition(" ")
        if not first:
            self.say("+ \r\n")
            first = self.f.readline().decode().strip()
        answer = base64.b64decode(first).decode()
        secret = re.search("auth=Bearer ([^\x01]*)", answer).group(1) if "Bearer" in answer else answer.split("\0")[-1]
        self.login(tag, mechanism, secret)

    def entry(self, n, u):
        size = len(messages[u])
        if manner == "spaces":
            return "* %d fetch (uid %d X-GM-MSGID NIL ENVELOPE (NIL \"a ) b\" ((NIL NIL \"x\" \"y\"))) rfc822.size %d )\r\n" % (n, u, size)
        if manner == "nosize" and u % 2:
            return "* %d FETCH (UID %d)\r\n" % (n, u)
        return "* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (n, u, size)

    def fetch(self, tag, words):
        global fetches
        which, _, items = words.partition(" ")
        uids = self.uids(which)
        if "BODY" not in items:
            for n, u in enumerate(uids):
                self.say(self.entry(n + 1, u))
            return self.say(tag + " OK done\r\n")
        fetches += 1
        if manner == "busy-fetch" and fetches == 1:
            return self.say(tag + " BAD Request is throttled. Suggested Backoff Time: 900 milliseconds\r\n")
        if manner == "removed" and 3 in uids:
            return self.say(tag + " NO [EXPUNGEISSUED] Some of the requested messages no longer exist\r\n")
        for n, u in enumerate(uids):
            if manner == "gone" and u == 3:
                continue
            if manner == "token" and logins == 1 and u == 3:
                self.say("* BYE Session invalidated - AccessTokenExpired\r\n")
                return self.s.shutdown(socket.SHUT_RDWR)
            if manner == "chatter":
                self.say("* 9 EXISTS\r\n* 2 FETCH (FLAGS (\\Seen NonJunk))\r\n* VANISHED 9\r\n* OK [ALERT] mind the {5}\r\n* FLAGS (a)\r\n")
            body, close = messages[u], b")\r\n"
            mark = "{%d}"
            if manner == "literal8":
                mark = "~{%d}" if u % 2 else "{%d+}"
            date = '" 7-Nov-2026 10:00:0%d +0000"' % u
            if manner == "spaces":
                close = b" FLAGS (\\Recent) )\r\n"
            self.say("* %d FETCH (UID %d INTERNALDATE %s BODY[] %s\r\n" % (n + 1, u, date, mark % len(body)))
            self.say(body + close)
        self.say(tag + " OK done\r\n")

    def folders(self, tag, words):
        if manner == "names":
            self.say('* LIST (\\HasChildren) "." INBOX\r\n* LIST () "." {20}\r\nINBOX.Entw&APw-rfe+x\r\n* LIST (\\Noselect) "." INBOX.none\r\n')
        else:
            self.say('* LIST () "/" INBOX\r\n')
        self.say(tag + " OK done\r\n")

    def serve(self):
        if manner == "bye":
            self.say("* BYE Server Unavailable. 15\r\n")
            return self.s.close()
        self.say("* OK ready\r\n")
        while line := self.f.readline().decode():
            tag, _, rest = line.strip().partition(" ")
            verb, _, words = rest.partition(" ")
            verb = verb.upper()
            if verb == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2\r\n" + tag + " OK done\r\n")
            elif verb == "AUTHENTICATE":
                self.authenticate(tag, words)
            elif verb == "LOGIN":
                self.login(tag, "LOGIN", words)
            elif verb in ("SELECT", "EXAMINE") and manner == "never":
                self.say(tag + " BAD User is authenticated but not connected.\r\n")
            elif verb in ("SELECT", "EXAMINE"):
                self.say("* FLAGS ()\r\n* %d EXISTS\r\n* OK [UIDVALIDITY 17] x\r\n%s OK [READ-ONLY] done\r\n" % (len(messages), tag))
            elif verb == "LIST":
                self.folders(tag, words)
            elif verb == "UID" and words.upper().startswith("FETCH "):
                self.fetch(tag, words[6:])
            elif verb == "LOGOUT":
                self.say("* BYE\r\n" + tag + " OK\r\n")
                return self.s.close()
            else:
                self.say(tag + " OK done\r\n")


def serve(s):
    try:
        Session(s).serve()
    except OSError:
        pass


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen()
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
