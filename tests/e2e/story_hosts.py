"""The three hosts of samples/story: what Postfix, its filters, Dovecot and Exim write.

Each host collects lines with their times and can write them sorted, in the form its
software uses.  Ids are those the software would choose: they carry time.
"""
import base64
import hashlib
import subprocess
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

B52 = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
B62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TLS = ("TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 "
       "server-signature RSA-PSS (2048 bits) server-digest SHA256")


def at(text):
    """'14 08:12:03.5' -> a moment in September 2026, UTC."""
    day, clock = text.split()
    h, m, s = clock.split(":")
    return datetime(2026, 9, int(day), int(h), int(m), tzinfo=timezone.utc) + timedelta(seconds=float(s))


def after(t, seconds):
    return t + timedelta(seconds=seconds)


def digits(value, alphabet, width, base=None):
    base = base or len(alphabet)
    out = ""
    while value or len(out) < width:
        out = alphabet[value % base] + out
        value //= base
    return out


class Host:
    def __init__(self, name, fqdn, ip, zone):
        self.name, self.fqdn, self.ip, self.zone = name, fqdn, ip, ZoneInfo(zone)
        self.lines, self.serial = [], 0

    def next(self, step=1):
        self.serial += step
        return self.serial

    def date(self, t):
        return t.astimezone(self.zone).strftime("%a, %d %b %Y %H:%M:%S %z")

    def peer(self):
        return f"{self.fqdn}[{self.ip}]"


class Postfix(Host):
    def __init__(self, *args, iso):
        super().__init__(*args)
        self.iso = iso

    def log(self, t, program, pid, text):
        self.lines.append((t, len(self.lines), f"{program}[{pid}]: {text}"))

    def text(self):
        out = []
        for t, _, line in sorted(self.lines):
            local = t.astimezone(self.zone)
            if self.iso:
                stamp = local.strftime("%Y-%m-%dT%H:%M:%S.%f%z")
                stamp = stamp[:-2] + ":" + stamp[-2:]
            else:
                stamp = local.strftime("%b ") + f"{local.day:2}" + local.strftime(" %H:%M:%S")
            out.append(f"{stamp} {self.fqdn.split('.')[0]} {line}\n")
        return "".join(out)

    def new_id(self, t):
        inode = 0x2B1C00 + self.next(3)
        seconds, micros = int(t.timestamp()), t.microsecond
        if self.iso:
            return digits(seconds, B52, 6) + digits(micros, B52, 4) + "z" + digits(inode, B52, 1, 51)
        return f"{micros:05X}{inode:06X}"

    def connect(self, t, peer, tls=True, service="smtpd"):
        pid = 400 + self.next() % 90
        self.log(t, f"postfix/{service}", pid, f"connect from {peer}")
        if tls:
            self.log(after(t, .02), f"postfix/{service}", pid, f"Anonymous TLS connection established from {peer}: {TLS}")
        return pid

    def disconnect(self, t, peer, pid, counts, service="smtpd"):
        self.log(t, f"postfix/{service}", pid, f"disconnect from {peer} {counts}")

    def queued(self, t, qid, message_id, sender, size, nrcpt):
        self.log(t, "postfix/cleanup", 310 + self.next() % 5, f"{qid}: message-id=<{message_id}>")
        self.active(after(t, .05), qid, sender, size, nrcpt)

    def active(self, t, qid, sender, size, nrcpt):
        self.log(t, "postfix/qmgr", 302, f"{qid}: from=<{sender}>, size={size}, nrcpt={nrcpt} (queue active)")

    def removed(self, t, qid):
        self.log(t, "postfix/qmgr", 302, f"{qid}: removed")

    def attempt(self, t, qid, rcpt, relay, delay, dsn, status, reply, program="smtp", pid=None, orig=None):
        orig_to = f" orig_to=<{orig}>," if orig else ""
        d = f"{delay:.2g}" if delay < 100 else f"{delay:.0f}"
        wait = max(delay - .3, 0)
        w = f"{wait:.2g}" if wait < 100 else f"{wait:.0f}"
        self.log(t, f"postfix/{program}", pid or 330 + self.next() % 20,
                 f"{qid}: to=<{rcpt}>,{orig_to} relay={relay}, delay={d}, delays={w}/0.01/0.09/0.2, dsn={dsn}, status={status} ({reply})")

    def tls_out(self, t, peer, pid, trust="Trusted"):
        self.log(t, "postfix/smtp", pid, f"{trust} TLS connection established to {peer}:25: {TLS}")

    def bounce(self, t, qid, sender, size):
        """A notification; gives its queue id and Message-ID."""
        new = self.new_id(t)
        message_id = f"{t.strftime('%Y%m%d%H%M%S')}.{new}@{self.fqdn}"
        self.log(t, "postfix/cleanup", 311, f"{new}: message-id=<{message_id}>")
        self.log(after(t, .002), "postfix/bounce", 360, f"{qid}: sender non-delivery notification: {new}")
        self.active(after(t, .004), new, "", size + 2100, 1)
        return new, message_id

    def store_locally(self, t, qid, rcpt):
        self.attempt(after(t, .1), qid, rcpt, "local", .1, "2.0.0", "sent", "delivered to maildir", "local")
        self.removed(after(t, .11), qid)


class Exim(Host):
    def __init__(self, *args):
        super().__init__(*args)
        self.rejects = []

    def stamp(self, t):
        return t.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    def log(self, t, text):
        self.lines.append((t, len(self.lines), text))

    def reject(self, t, text):
        self.log(t, text)
        self.rejects.append((t, len(self.rejects), text))

    def text(self, rejects=False):
        return "".join(f"{self.stamp(t)} {line}\n" for t, _, line in sorted(self.rejects if rejects else self.lines))

    def new_id(self, t):
        return f"{digits(int(t.timestamp()), B62, 6)}-{digits(5200 + self.next(7), B62, 6)}-{digits(t.microsecond // 500, B62, 2)[-2:]}"


class Signer:
    """DKIM, relaxed/relaxed, with a key made for this run."""

    def __init__(self, domain, selector, folder):
        self.domain, self.selector, self.key = domain, selector, f"{folder}/{domain}.pem"
        subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key],
                       check=True, stderr=subprocess.DEVNULL)
        der = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"], check=True, stdout=subprocess.PIPE).stdout
        self.public = base64.b64encode(der).decode()

    @staticmethod
    def relax(name, value):
        return name.lower() + ":" + " ".join(value.replace("\r\n", "").split())

    def sign(self, headers, body, t):
        """The value of a DKIM-Signature for headers [(name, value)] and a body with CRLF."""
        lines = [" ".join(l.split()) if not l.startswith((" ", "\t")) else " " + " ".join(l.split()) for l in body.split("\r\n")]
        while lines and lines[-1] == "":
            lines.pop()
        canonical = "".join(l + "\r\n" for l in lines)
        bh = base64.b64encode(hashlib.sha256(canonical.encode()).digest()).decode()
        names = [n for n, _ in headers]
        value = (f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n\tt={int(t.timestamp())};"
                 f" bh={bh};\r\n\th={':'.join(names)};\r\n\tb=")
        data = "".join(self.relax(n, v) + "\r\n" for n, v in headers) + self.relax("DKIM-Signature", value)
        sig = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=data.encode(), check=True, stdout=subprocess.PIPE).stdout
        b = base64.b64encode(sig).decode()
        return value + "\r\n\t ".join(b[i:i + 68] for i in range(0, len(b), 68))
