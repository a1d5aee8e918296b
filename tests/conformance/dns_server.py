"""A DNS server for tests, of the standard library alone: every name ends in the label that says how it is answered.

serve() starts it on a free port of 127.0.0.1, over UDP and TCP, and gives the port."""
import socket
import struct
import threading
import time

OK, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = range(6)
A, NS, CNAME, SOA, MX, TXT, AAAA = 1, 2, 5, 6, 15, 16, 28
SPF = 'v=spf1 ip4:192.0.2.1 -all'


def wire(name):
    return b''.join(bytes([len(l)]) + l.encode() for l in name.split('.') if l) + b'\0'


def text(*strings):
    return b''.join(bytes([len(s)]) + s for s in strings)


def soa():
    return wire('ns.example') + wire('h.example') + struct.pack('!5I', 1, 60, 60, 60, 60)


def records(name, kind):
    """What a name is answered: rcode, records, and whether an SOA goes with it; None: nothing at all."""
    labels = name.split('.')
    way = labels[-2] if len(labels) > 1 else ''
    spf = [(name, TXT, text(SPF.encode()))] if kind == TXT else []
    if name == '':
        return OK, [('', NS, wire('ns.example'))] if kind == NS else [], kind != NS
    if way == 'good':
        return OK, [(name, A, bytes([192, 0, 2, 1]))] if kind == A else spf, kind not in (A, TXT)
    if way in ('nx', 'nxbare'):
        return NXDOMAIN, [], way == 'nx'
    if way in ('nodata', 'nodatabare'):
        return OK, [], way == 'nodata'
    if way in ('servfail', 'refused', 'formerr', 'notimp'):
        return {'servfail': SERVFAIL, 'refused': REFUSED, 'formerr': FORMERR, 'notimp': NOTIMP}[way], [], False
    if way == 'split':
        return OK, [(name, TXT, text(b'v=spf1 ip4:192', b'.0.2.1 -a', b'll'))] if kind == TXT else [], kind != TXT
    if way == 'empty':
        return OK, [(name, TXT, text(b''))] if kind == TXT else [], kind != TXT
    if way == 'big':  # too much for UDP
        noise = [(name, TXT, text(b'noise %d ' % i + b'x' * 200)) for i in range(60)]
        return OK, noise + spf if kind == TXT else [], kind != TXT
    if way == 'chain':  # N.chain.example is an alias of N-1
        n = int(labels[0])
        return OK, [(name, CNAME, wire('%d.chain.example' % (n - 1)))] if n else spf, n == 0 and kind != TXT
    if way == 'loop':
        return OK, [(name, CNAME, wire('b.loop.example' if labels[0] == 'a' else 'a.loop.example'))], False
    if way == 'dangle':
        return OK, [(name, CNAME, wire('gone.nx.example'))], False
    if way == 'tobroken':
        return OK, [(name, CNAME, wire('x.servfail.example'))], False
    if way == 'foreign':  # a record nobody asked for comes along
        return OK, [('other.example', TXT, text(b'v=spf1 +all'))] + spf, False
    if way in ('silent', 'garbage', 'wrongid'):
        return None
    return NXDOMAIN, [], True


def reply(query, tcp):
    end = 12
    labels = []
    while query[end]:
        labels.append(query[end + 1:end + 1 + query[end]].decode('latin-1').lower())
        end += query[end] + 1
    question, kind = query[12:end + 5], struct.unpack('!H', query[end + 1:end + 3])[0]
    name = '.'.join(labels)
    if name.endswith('garbage.example'):
        return b'\0' * 7
    got = records(name, kind)
    if name.endswith('wrongid.example'):
        return bytes([query[0] ^ 255]) + query[1:2] + struct.pack('!5H', 0x8180, 1, 0, 0, 0) + question
    if got is None:
        return None
    rcode, answers, with_soa = got
    body = b''.join(wire(n) + struct.pack('!HHIH', t, 1, 60, len(d)) + d for n, t, d in answers)
    if with_soa:
        body += wire('example') + struct.pack('!HHIH', SOA, 1, 60, len(soa())) + soa()
    head = query[:2] + struct.pack('!5H', 0x8180 | rcode, 1, len(answers), with_soa, 0)
    if not tcp and len(body) > 1000:
        return query[:2] + struct.pack('!5H', 0x8380, 1, 0, 0, 0) + question
    return head + question + body


def serve():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(('127.0.0.1', 0))
    port = udp.getsockname()[1]
    tcp = socket.socket()
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind(('127.0.0.1', port))
    tcp.listen(20)

    def on_udp():
        while True:
            query, client = udp.recvfrom(4096)
            answer = reply(query, False)
            if answer:
                udp.sendto(answer, client)

    def on_stream(stream):
        with stream:
            while True:
                head = stream.recv(2)
                if len(head) < 2:
                    return
                answer = reply(stream.recv(struct.unpack('!H', head)[0]), True)
                if answer is None:
                    time.sleep(30)
                    return
                stream.sendall(struct.pack('!H', len(answer)) + answer)

    def on_tcp():
        while True:
            threading.Thread(target=on_stream, args=(tcp.accept()[0],), daemon=True).start()

    for work in on_udp, on_tcp:
        threading.Thread(target=work, daemon=True).start()
    return port
