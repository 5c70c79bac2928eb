/*
 * The floor: one thread, one epoll, ready-made answers, and of requests only as much understood as the load generators here need. What
 * is left is what the kernel asks for; no server can cost less.
 *
 *     cc -O2 -o floor floor.c && ./floor PORT
 *
 * Answers /plaintext, /echo, /bytes/N, with or without "Connection: close", and the WebSocket /ws, whose frames are short texts.
 * Requests and frames that are cut by a read are taken for complete: the load generators send whole ones.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define FIELDS "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: floor\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define HELLO "Content-Length: 13\r\n\r\nHello, World!"
static const char ANSWER[] = FIELDS HELLO, LAST_ANSWER[] = FIELDS "Connection: close\r\n" HELLO;
/* To the key that is in the RFC, which is the only one that comes (RFC 6455 section 1.3). */
static const char SWITCH[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
enum { ANSWER_BYTES = sizeof ANSWER - 1, BUFFER_BYTES = 1 << 16, MOST_ANSWERS = 256, EVENTS = 256, SOCKETS = 1 << 16, MOST_BYTES = 1 << 20 };

static char input[BUFFER_BYTES], answers[MOST_ANSWERS * ANSWER_BYTES], zeros[MOST_BYTES];
/* Of each socket: whether it is a WebSocket, and how many zeros it still has to get. */
static char frames[SOCKETS];
static long owed[SOCKETS];
static int poll;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* How many heads end in these bytes. */
static int heads(const char *bytes, ssize_t length) {
    int count = 0;
    const char *end = bytes + length;
    while ((bytes = memmem(bytes, end - bytes, "\r\n\r\n", 4)) != NULL) {
        bytes += 4;
        count++;
    }
    return count;
}

static void watch(int socket, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = socket};
    epoll_ctl(poll, operation, socket, &event);
}

static int send_body(int socket, const char *body, long length) {
    char head[256];
    struct iovec parts[] = {{head, sprintf(head, FIELDS "Content-Length: %ld\r\n\r\n", length)}, {(char *)body, length}};
    ssize_t sent = writev(socket, parts, 2);
    owed[socket] = sent < 0 ? 0 : (long)parts[0].iov_len + length - sent; /* of zeros it does not matter which */
    if (owed[socket] > 0) {
        watch(socket, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
    return sent >= 0;
}

static int send_owed(int socket) {
    ssize_t sent = write(socket, zeros, owed[socket]);
    owed[socket] -= sent > 0 ? sent : 0;
    if (owed[socket] == 0) {
        watch(socket, EPOLL_CTL_MOD, EPOLLIN);
    }
    return sent >= 0 || errno == EAGAIN;
}

/* Sends each text back: a frame of a client has four bytes of mask behind its head (RFC 6455 section 5.2). */
static int send_frames(int socket, ssize_t length) {
    char *out = input;
    for (char *in = input; in < input + length;) {
        int small = (in[1] & 0x7F) < 126, head = small ? 2 : 4;
        long size = small ? in[1] & 0x7F : (unsigned char)in[2] << 8 | (unsigned char)in[3];
        char mask[4];
        memcpy(mask, in + head, 4);
        in[1] &= 0x7F;
        memmove(out, in, head);
        for (long i = 0; i < size; i++) {
            out[head + i] = in[head + 4 + i] ^ mask[i & 3];
        }
        in += head + 4 + size;
        out += head + size;
    }
    return write(socket, input, out - input) >= 0;
}

/* Whether the connection goes on. */
static int answer(int socket) {
    ssize_t length = read(socket, input, sizeof input);
    if (length <= 0) {
        return length < 0 && errno == EAGAIN;
    }
    if (frames[socket]) {
        return send_frames(socket, length);
    }
    if (input[0] == 'P') {
        char *body = memmem(input, length, "\r\n\r\n", 4);
        return body != NULL && send_body(socket, body + 4, input + length - body - 4);
    }
    if (input[5] == 'b') {
        return send_body(socket, zeros, atol(input + sizeof "GET /bytes/" - 1) % (MOST_BYTES + 1));
    }
    if (input[5] == 'w') {
        frames[socket] = 1;
        return write(socket, SWITCH, sizeof SWITCH - 1) >= 0;
    }
    if (memmem(input, length, "Connection: close", 17) != NULL) {
        return write(socket, LAST_ANSWER, sizeof LAST_ANSWER - 1) < 0;
    }
    int count = heads(input, length);
    return write(socket, answers, (count < MOST_ANSWERS ? count : MOST_ANSWERS) * ANSWER_BYTES) >= 0;
}

int main(int argc, char **argv) {
    for (int i = 0; i < MOST_ANSWERS; i++) {
        memcpy(answers + i * ANSWER_BYTES, ANSWER, ANSWER_BYTES);
    }
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(argc > 1 ? atoi(argv[1]) : 8090),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    signal(SIGPIPE, SIG_IGN); /* clients leave when their time is over */
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    poll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        fail("Cannot listen");
    }
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    struct epoll_event ready[EVENTS];
    for (;;) {
        int count = epoll_wait(poll, ready, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int socket = ready[i].data.fd;
            if (socket == listener) {
                while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    frames[socket] = 0;
                    owed[socket] = 0;
                    watch(socket, EPOLL_CTL_ADD, EPOLLIN);
                }
            } else if (!(owed[socket] > 0 ? send_owed(socket) : answer(socket))) {
                close(socket);
            }
        }
    }
}
