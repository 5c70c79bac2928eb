/*
 * The floor: one thread, one epoll, one ready-made answer for every request, nothing parsed but the end of a head. What is left is
 * what the kernel asks for; no server can cost less. Answers /plaintext; the bodies of requests are not understood.
 *
 *     cc -O2 -o floor floor.c && ./floor PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: floor\r\n"
                             "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 13\r\n\r\nHello, World!";
enum { ANSWER_BYTES = sizeof ANSWER - 1, BUFFER_BYTES = 1 << 16, MOST_ANSWERS = 256, EVENTS = 256 };

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* How many heads end in these bytes. Requests that are cut by a read are taken for complete: the load generators here send whole ones. */
static int heads(const char *bytes, ssize_t length) {
    int count = 0;
    const char *end = bytes + length;
    while ((bytes = memmem(bytes, end - bytes, "\r\n\r\n", 4)) != NULL) {
        bytes += 4;
        count++;
    }
    return count;
}

int main(int argc, char **argv) {
    static char input[BUFFER_BYTES], output[MOST_ANSWERS * ANSWER_BYTES];
    for (int i = 0; i < MOST_ANSWERS; i++) {
        memcpy(output + i * ANSWER_BYTES, ANSWER, ANSWER_BYTES);
    }
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(argc > 1 ? atoi(argv[1]) : 8090),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) {
        fail("Cannot listen");
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[EVENTS];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, ready, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int socket = ready[i].data.fd;
            if (socket == listener) {
                while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    event.data.fd = socket;
                    epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
                }
                continue;
            }
            ssize_t length = read(socket, input, sizeof input);
            if (length > 0) {
                int answers = heads(input, length);
                if (answers > 0 && write(socket, output, (answers < MOST_ANSWERS ? answers : MOST_ANSWERS) * ANSWER_BYTES) >= 0) {
                    continue;
                }
            }
            if (length == 0 || (length < 0 && errno != EAGAIN)) {
                close(socket);
            }
        }
    }
}
