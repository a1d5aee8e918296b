"""A TCP proxy that misbehaves: imap_proxy.py PORT UPSTREAM ORDERS

ORDERS is a file of lines, one per connection in their order: "cut N" closes it after N bytes from the server,
"stall N" passes no more after N bytes and makes the file ORDERS.stalled, "pass" lets all through.  Further
connections pass.  The file is read anew for each connection, and the line taken out of it."""
import os
import socket
import sys
import threading

port, upstream, orders = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


def order():
    with open(orders) as f:
        lines = f.read().split("\n")
    with open(orders + ".new", "w") as f:
        f.write("\n".join(lines[1:]))
    os.rename(orders + ".new", orders)
    word, _, n = lines[0].partition(" ")
    return word or "pass", int(n or 0)


def up(client, server):
    try:
        while data := client.recv(65536):
            server.sendall(data)
    except OSError:
        pass
    for s in (client, server):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client):
    word, limit = order()
    server = socket.create_connection(("127.0.0.1", upstream))
    threading.Thread(target=up, args=(client, server), daemon=True).start()
    passed = 0
    try:
        while data := server.recv(16384):
            if word != "pass" and passed + len(data) >= limit:
                client.sendall(data[: limit - passed])
                if word == "stall":
                    open(orders + ".stalled", "w").close()
                    while server.recv(65536):
                        pass
                break
            client.sendall(data)
            passed += len(data)
    except OSError:
        pass
    for s in (client, server):  # close alone says nothing while the other thread reads
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen()
while True:
    serve_client, _ = listener.accept()
    threading.Thread(target=serve, args=(serve_client,), daemon=True).start()
