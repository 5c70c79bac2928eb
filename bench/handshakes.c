/*
 * A load generator of TLS connections: each connects, shakes hands (TLS 1.3, X25519), sends one GET with "Connection: close", reads the
 * answer to its end, says that it ends, too, and makes room for the next. Prints how many got a 200 in what time, as wrk does.
 *
 *     cc -O2 -o handshakes handshakes.c -lssl -lcrypto && ./handshakes PORT PATH CLIENTS SECONDS SUITE [resume]
 *
 * With "resume" each of the clients shows the newest ticket that it got. Needs Linux and OpenSSL from 1.1.1 on. Checks no certificate: the
 * server has just made it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CLIENTS = 1024, EVENTS = 64, REQUEST_BYTES = 1024, BUFFER_BYTES = 1 << 16, STATUS_BYTES = 12, WAIT_MILLIS = 100 };

enum state { SHAKING, ASKING, READING };

/* One client. It has at most one connection at a time. */
struct client {
    enum state state;
    int socket;
    SSL *ssl;
    SSL_SESSION *ticket; /* the newest that it got, or NULL */
    char status[STATUS_BYTES];
    long received;
};

static struct client clients[MOST_CLIENTS];
static struct sockaddr_in address;
static char request[REQUEST_BYTES], buffer[BUFFER_BYTES];
static SSL_CTX *context;
static int poll, request_bytes, resumes;
static long answered, resumed, failed;

static void fail(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* Tickets come behind the handshake, with the first bytes that are read (RFC 8446 section 4.6.1). */
static int keep_ticket(SSL *ssl, SSL_SESSION *ticket) {
    struct client *client = SSL_get_app_data(ssl);
    if (!resumes) {
        return 0;
    }
    SSL_SESSION_free(client->ticket);
    client->ticket = ticket;
    return 1; /* it is ours now */
}

static void begin(struct client *client) {
    int yes = 1;
    client->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (client->socket < 0 || connect(client->socket, (struct sockaddr *)&address, sizeof address)) {
        fail("Cannot connect");
    }
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(client->socket, F_SETFL, O_NONBLOCK);
    client->ssl = SSL_new(context);
    SSL_set_fd(client->ssl, client->socket);
    SSL_set_app_data(client->ssl, client);
    if (client->ticket != NULL) {
        SSL_set_session(client->ssl, client->ticket);
    }
    client->state = SHAKING;
    client->received = 0;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client};
    epoll_ctl(poll, EPOLL_CTL_ADD, client->socket, &event);
}

static void end(struct client *client) {
    int good = client->received >= STATUS_BYTES && memcmp(client->status, "HTTP/1.1 200", STATUS_BYTES) == 0;
    answered += good;
    failed += !good;
    resumed += good && SSL_session_reused(client->ssl);
    SSL_shutdown(client->ssl);
    SSL_free(client->ssl);
    close(client->socket);
    ERR_clear_error();
}

/* Goes as far as the socket allows. Returns whether the connection goes on. */
static int advance(struct client *client) {
    int result = 1;
    if (client->state == SHAKING && (result = SSL_connect(client->ssl)) > 0) {
        client->state = ASKING;
    }
    if (client->state == ASKING && (result = SSL_write(client->ssl, request, request_bytes)) > 0) {
        client->state = READING;
    }
    while (client->state == READING && (result = SSL_read(client->ssl, buffer, sizeof buffer)) > 0) {
        for (long i = client->received; i < STATUS_BYTES && i < client->received + result; i++) {
            client->status[i] = buffer[i - client->received];
        }
        client->received += result;
    }
    int error = SSL_get_error(client->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static SSL_CTX *tls(const char *suite) {
    static const unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    if (made == NULL || !SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION) || !SSL_CTX_set_ciphersuites(made, suite)
        || !SSL_CTX_set1_groups_list(made, "X25519") || SSL_CTX_set_alpn_protos(made, protocols, sizeof protocols - 1)) {
        fail("Cannot set up TLS");
    }
#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
    SSL_CTX_set_options(made, SSL_OP_IGNORE_UNEXPECTED_EOF); /* a server that ends without a word has answered all the same */
#endif
    SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(made, keep_ticket);
    return made;
}

int main(int argc, char **argv) {
    if (argc < 6 || atoi(argv[3]) < 1 || atoi(argv[3]) > MOST_CLIENTS) {
        fprintf(stderr, "handshakes PORT PATH CLIENTS SECONDS SUITE [resume]; up to %d clients\n", MOST_CLIENTS);
        return 2;
    }
    int count = atoi(argv[3]);
    resumes = argc > 6;
    signal(SIGPIPE, SIG_IGN);
    address = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    request_bytes = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", argv[2]);
    context = tls(argv[5]);
    poll = epoll_create1(0);

    double start = now(), last = start + atof(argv[4]);
    for (int i = 0; i < count; i++) {
        begin(&clients[i]);
    }
    struct epoll_event ready[EVENTS];
    while (now() < last) {
        int events = epoll_wait(poll, ready, EVENTS, WAIT_MILLIS);
        for (int i = 0; i < events; i++) {
            struct client *client = ready[i].data.ptr;
            if (!advance(client)) {
                end(client);
                begin(client);
            }
        }
    }
    printf("%ld requests in %.3fs; %ld resumed, %ld failed\n", answered, now() - start, resumed, failed);
    return 0;
}
