;; Little Clojure, since it is compiled each time a program starts; the rest is org.httpkit.ring.RingServer in Java.
(ns org.httpkit.server
  "An HTTP and WebSocket server for Ring handlers: `run-server` starts it, `as-channel` answers later or piece by piece,
  and is the way to WebSockets."
  (:import [org.httpkit.ring ClassPath]))

(set! *warn-on-reflection* true)

;; Ahead of the imports, which would fail less clearly.
(ClassPath/check)

(import '[org.httpkit.ring Handshakes RingServer]
        '[org.httpkit.server AsyncChannel HttpServer])

;;;; Protocols

(defprotocol IHttpServer
  "A server, whatever its class."
  (server-port [http-server]
    "The port that the server listens on; -1 on a Unix domain socket.")
  (server-status [http-server]
    "Where the server is in its life: `:running`, `:stopping` or `:stopped`.")
  (-server-stop! [http-server opts]
    "For `server-stop!`, which see."))

(defprotocol Channel
  "One way to a client, whatever it speaks: a WebSocket, a response that comes later (long polling), or one that is sent
  piece by piece (streaming). May be used from any thread."
  (open? [ch]
    "True if the channel is open: data can be sent.")
  (websocket? [ch]
    "True if the channel is a WebSocket, or its client asks for one.")
  (close [ch]
    "Closes the channel: a WebSocket with code 1000, a streamed response by its end, one that has not begun by an empty
    200. Returns true if this call has closed it, false if it was closed already.")
  (send! [ch data] [ch data close-after-send?]
    "Sends data, and closes the channel behind it if `close-after-send?`, which is true for HTTP and false for a WebSocket
    unless given. Never waits for the client. No middleware sees the data. Returns true if it was sent or queued, false
    if the channel is closed.

    Data is a Ring response map, or only its body. On a WebSocket only the body counts: a string makes a text message; a
    byte array, byte buffer, input stream or file a binary one; nil sends nothing. An input stream is read to its end
    first, and is one frame; one of more than 16 MiB leaves in several while it is read.

    On HTTP the first data brings status and headers (200 and text/html if there are none), and later data is a further
    piece of the body. An input stream is read, and a sequence realized, before this returns; what is behind the first 16
    MiB later, by another thread.")
  (on-receive [ch callback]
    "Has `callback`, (fn [message]), called for each message of the client, a string or a byte array: one at a time, in
    the order they came. What it throws closes the WebSocket with 1011.")
  (on-ping [ch callback]
    "Has `callback`, (fn [data]), called with the byte array of each ping. Pings are answered by the server.")
  (on-close [ch callback]
    "Has `callback`, (fn [status]), called once when the channel has been closed, whoever closed it; at once if it has
    been closed already. `send!` and `close` call it themselves when they end a response, before its last bytes leave; on a
    WebSocket it comes after the messages that came before. The status is

      :server-close    we closed it
      :client-close    the client of an HTTP channel went away
      :normal          the client closed the WebSocket with 1000
      :going-away      the same with 1001, or its connection ended without a word
      :protocol-error  1002, :unsupported 1003, :no-status-received 1005, :invalid-payload-data 1007,
      :policy-violation 1008, :message-too-big 1009, :mandatory-extension 1010, :internal-server-error 1011
      :unknown         another code"))

(extend-type HttpServer
  IHttpServer
  (server-port [server] (.port server))
  (server-status [server] (RingServer/status server))
  (-server-stop! [server opts]
    (let [stopped (promise)]
      (when (RingServer/stop server (:timeout opts) (fn [] (deliver stopped true)))
        stopped))))

(extend-type AsyncChannel
  Channel
  (open? [ch] (.isOpen ch))
  (websocket? [ch] (RingServer/isWebSocket ch))
  (close [ch] (.close ch))
  (send!
    ([ch data] (.send ch data))
    ([ch data close-after-send?] (.send ch data (boolean close-after-send?))))
  (on-receive [ch callback] (.setReceiveHandler ch callback))
  (on-ping [ch callback] (.setPingHandler ch callback))
  (on-close [ch callback] (.setCloseHandler ch callback)))

;;;; WebSocket handshake

(defn sec-websocket-accept
  "The value of the Sec-WebSocket-Accept header for that of Sec-WebSocket-Key (RFC 6455 section 4.2.2)."
  [sec-websocket-key]
  (Handshakes/accept sec-websocket-key))

(def ^{:deprecated "v2.4.0 (2020-07-30)"
       :doc        "Deprecated: use `sec-websocket-accept`, which is the same."
       :arglists   '([sec-websocket-key])}
  accept sec-websocket-accept)

(defn websocket-handshake-check
  "The `sec-ws-accept` string for a request that is a proper WebSocket handshake (RFC 6455 section 4.2.1), else nil."
  [ring-req]
  (Handshakes/check ring-req))

(defn send-checked-websocket-handshake!
  "Makes a WebSocket of the channel, whatever its request says: answers 101 with this `sec-ws-accept`, the result of
  `websocket-handshake-check`. Returns nil."
  [ch sec-ws-accept]
  (.sendHandshake ^AsyncChannel ch (Handshakes/answer ch sec-ws-accept)))

(defn send-websocket-handshake!
  "Makes a WebSocket of the channel if the request is a proper handshake. Returns true if it was, else nil."
  [ch ring-req]
  (when-let [sec-ws-accept (websocket-handshake-check ring-req)]
    (send-checked-websocket-handshake! ch sec-ws-accept)
    true))

;;;; Channels

(defn as-channel
  "Answers a request with its channel: a WebSocket if the client asks for one, else an HTTP response that is sent later
  or piece by piece. Returns `{:body ch}` for the handler to return, or nil if the request has no channel.

  The functions given are called in this order:

    :init               (fn [ch])         first, before the handshake of a WebSocket
    :on-handshake-error (fn [ch])         instead of the rest, if the handshake is not in order: the channel is still an
                                          HTTP one. Unless given, sends 400; 426 for a version other than 13; 403 for
                                          a page of a foreign origin
    :on-open            (fn [ch])         the channel is ready for `send!`
    :on-receive         (fn [ch message]) as `on-receive`, but with the channel; not before `:on-open` has returned
    :on-ping            (fn [ch data])    as `on-ping`, but with the channel
    :on-close           (fn [ch status])  as `on-close`, but with the channel

  and a WebSocket has also

    :protocols          the subprotocols that can be spoken; the first of the client's that is among them is agreed on
    :headers            a map of headers for the 101 response, cookies for instance
    :allowed-origins    the origins whose pages may connect besides our own, such as \"https://example.org\"; or `:any`.
                                          Default: what `run-server` was told

  What a slow client has not taken waits here, `(.queuedBytes ch)` bytes of it. Of `:max-queued-bytes`, an option of
  `run-server`, as much may wait for one channel; it is without limit by default. At the limit

    :when-full          decides about the next `send!`: `:close` closes the channel (the default), `:reject` sends nothing and
                                          returns false, `:block` waits for the client
    :on-drain           (fn [ch])         the client has taken everything that waited when a `send!` was rejected

  A long poll: keep the channel, and answer when there is something to tell.

    (def waiting (atom #{}))

    (defn poll [ring-req]
      (as-channel ring-req
        {:on-open  (fn [ch] (swap! waiting conj ch))
         :on-close (fn [ch _] (swap! waiting disj ch))}))

    (defn tell-all [text]
      (doseq [ch @waiting]
        (send! ch {:status 200, :headers {\"Content-Type\" \"text/plain\"}, :body text})))

  An echo by WebSocket:

    (defn echo [ring-req]
      (as-channel ring-req
        {:on-receive (fn [ch message] (send! ch message))}))"
  {:arglists '([ring-req {:keys [on-receive on-ping on-close on-open init on-handshake-error protocols headers
                                 allowed-origins when-full on-drain]}])}
  ;; ::checked, for Ring's listeners, is called like :init, but only if the handshake is in order.
  [ring-req opts]
  (when-let [ch (:async-channel ring-req)]
    (RingServer/opening ch (:when-full opts) (:on-drain opts))
    (try
      (when-let [f (:init opts)] (f ch))
      (when-let [f (:on-close opts)] (on-close ch (fn [status] (f ch status))))
      (if (:websocket? ring-req)
        (let [allowed?      (Handshakes/allowsOrigin ch ring-req (:allowed-origins opts))
              sec-ws-accept (when allowed? (websocket-handshake-check ring-req))]
          (if sec-ws-accept
            (do
              (when-let [f (::checked opts)] (f ch))
              (when-let [f (:on-receive opts)] (on-receive ch (fn [message] (f ch message))))
              (when-let [f (:on-ping opts)] (on-ping ch (fn [data] (f ch data))))
              (Handshakes/prepare ch ring-req (:protocols opts) (:headers opts))
              (send-checked-websocket-handshake! ch sec-ws-accept)
              (when-let [f (:on-open opts)] (f ch)))
            (if-let [f (:on-handshake-error opts)]
              (f ch)
              (send! ch (Handshakes/refusal ring-req allowed?) true))))
        (when-let [f (:on-open opts)] (f ch)))
      {:body ch}
      (finally (RingServer/opened ch)))))

(defmacro with-channel
  "Deprecated: use `as-channel`.

  Binds the request's channel to a name, makes a WebSocket of it if the client asks for one, runs the body, and is
  `{:body ch}`. Messages of the client wait until the body has set `on-receive` or has ended."
  {:deprecated "v2.4.0 (2020-07-30)"}
  [ring-req ch-name & body]
  `(let [ring-req# ~ring-req
         ~ch-name  (:async-channel ring-req#)
         refusal#  (when (:websocket? ring-req#)
                     (if-not (Handshakes/allowsOrigin ~ch-name ring-req# nil)
                       (Handshakes/refusal ring-req# false)
                       (when-not (send-websocket-handshake! ~ch-name ring-req#)
                         (Handshakes/refusal ring-req# true))))]
     (or refusal#
         (do ~@body
             {:body ~ch-name}))))

;;;; Ring's WebSockets, if they are there

(def ^:private no-ring-websockets?
  "True if responses with a `:ring.websocket/listener` are not looked for: the system property
  `http-kit.no-ring-websockets` says so, or Ring has no WebSockets."
  (let [property (System/getProperty "http-kit.no-ring-websockets")]
    (or (and (some? property) (not= "false" property))
        (not (ClassPath/hasNamespace "ring/websocket/protocols")))))

(def ^:private ring-websocket-resp_
  "What makes a response of one that has a Ring WebSocket listener. Loaded when it is needed, since it loads Ring."
  (delay
    (require 'org.httpkit.ring.websocket)
    @(find-var 'org.httpkit.ring.websocket/response)))

(defn- load-ring-websockets!
  "So that the first WebSocket does not have to wait, if the program has loaded Ring's namespace or is compiled."
  []
  (when (and (not no-ring-websockets?)
             (or *compile-files* (find-ns 'ring.websocket.protocols)))
    @ring-websocket-resp_))

(load-ring-websockets!)

;;;; Worker

(defn new-worker
  "Makes a pool for handlers to run on, and describes it: `{:type :virtual, :n-cores _, :pool _}` on JVM 21 and later, else
  `{:type :fixed, :n-cores _, :n-min-threads _, :n-max-threads _, :queue-type _, :queue-size _, :queue _, :pool _}`.
  The pool of the second kind is a `ThreadPoolExecutor`. Its maker shuts it down.

    :allow-virtual?  ; Whether to have virtual threads where there are any; the rest but :prefix is then without effect.
                     ; Default: true
    :n-min-threads   ; Threads that stay when idle. Default: one per core, at least 2
    :n-max-threads   ; Threads at most; the pool grows to them before a request waits. Default: 16 per core
    :n-threads       ; The same number for both
    :queue-size      ; Requests that may wait when all threads run; more get 503. Default: 20480
    :queue-type      ; :array or :linked. Default: :array
    :prefix          ; What the threads' names begin with. Default: \"http-kit-server-worker-\""
  {:arglists '([{:keys [queue-size n-min-threads n-max-threads prefix allow-virtual?] :as opts}])}
  [opts]
  (RingServer/worker opts))

;;;; Server

(declare server-stop!)

(defn- stop-fn [server]
  (with-meta
    (fn stop-server [& opts]
      (let [timeout (if (map? (first opts))
                      (:timeout (first opts))
                      (second (drop-while #(not= :timeout %) opts)))]
        (server-stop! server {:timeout (or timeout 100)})
        nil))
    {:local-port (server-port server)
     :server     server}))

(defn run-server
  "Starts a server for a Ring handler. Options:

    :ip                ; Address to listen on. Default: \"0.0.0.0\"
    :port              ; Port to listen on; 0 picks a free one. Default: 8090
    :worker-pool       ; ExecutorService to run handlers on, or a delay of one; it is never shut down by the server.
                       ; Default: one of the server's own, see `new-worker`, whose options may be given here as well
    :ring-async?       ; Whether the handler takes three arguments: request, respond, raise. Default: false

    :max-body          ; Longest request body, in bytes. Default: 8 MiB
    :max-ws            ; Longest WebSocket message, in bytes. Default: 4 MiB
    :max-line          ; Longest request line or header line, in bytes. Default: 8 KiB

    :proxy-protocol    ; :disable, :enable or :optional. Default: :disable
    :server-header     ; The Server header; nil for none. Default: \"http-kit\"

    :error-logger      ; (fn [msg ex]) -> is told of failures: of a handler's as \"GET /uri\"
    :warn-logger       ; (fn [msg ex]) -> is told of what deserves attention
    :event-logger      ; (fn [ev-name]) -> is told of events, each response among them
    :event-names       ; Map of other names for events: {\"serverStatus404\" \"not-found\"}

    :allowed-origins   ; Origins whose pages may open WebSockets besides our own; or :any. See `as-channel`
    :error-pages       ; (fn [status reason req]) -> Ring response to send instead of the server's own plain text, or nil;
                       ; `req` is nil if the request was malformed. The status stays. Default: nil
    :close-on-failure? ; Whether a WebSocket closes with 1011 when one of its callbacks throws. Default: true

    :address-finder    ; (fn []) -> SocketAddress to listen on, instead of :ip and :port
    :channel-factory   ; (fn [SocketAddress]) -> ServerSocketChannel to listen with

    :legacy-return-value?       ; See below. Default: true
    :legacy-unsafe-remote-addr? ; Whether :remote-addr is what X-Forwarded-For says, which anybody may write.
                                ; Default: false
    :legacy-content-length?     ; Which Content-Length answers to HEAD have: true, that of the body; false, the one that the handler
                                ; gives, if it does. Default: that of the body, or if there is none, the handler's

  and each option of the Java API's `HttpServer.Builder` under its name in kebab case, durations in milliseconds or as
  `java.time.Duration`, nil for the default: :trusted-proxies, :max-connections, :header-timeout, :idle-timeout, :unix-socket, :dispatch, and
  so on. One that is not known is warned of. What waits for the client of one channel has no limit, unless
  :max-queued-bytes is given; for all together it is :max-queued-bytes-total, by default a quarter of the largest heap.

  The JVM property org.http-kit.memmap-file-threshold, in MB, says from which size on files are mapped into memory to be
  sent. Default: 20

  Returns a function (fn stop-server [& {:keys [timeout]}]), with `{:local-port _, :server _}` as its metadata; it stops
  the server as `server-stop!` does, with 100 ms unless `timeout` is given, and returns nil. With `:legacy-return-value? false` returns
  the `HttpServer`, for `server-stop!`, `server-port` and `server-status`.

  Throws `java.net.BindException` if the address is in use."
  {:arglists '([handler
                & [{:keys [ip port max-body max-ws max-line proxy-protocol worker-pool error-logger warn-logger event-logger
                           event-names legacy-return-value? server-header address-finder channel-factory ring-async?]
                    :as   opts
                    :or   {ip                   "0.0.0.0"
                           port                 8090
                           max-body             8388608
                           max-ws               4194304
                           max-line             8192
                           proxy-protocol       :disable
                           server-header        "http-kit"
                           ring-async?          false
                           legacy-return-value? true}}]])}
  [handler & [opts]]
  (load-ring-websockets!)
  (let [server (RingServer/start handler opts
                 (when-not no-ring-websockets?
                   (fn [ring-req resp] (@ring-websocket-resp_ as-channel ring-req resp))))]
    (if (get opts :legacy-return-value? true) (stop-fn server) server)))

(defn server-stop!
  "Stops a server, and waits for the handlers and callbacks that run: until all have ended and `on-close` has been called
  for each channel, or the timeout is over. Then interrupts what still runs. Long polls that nobody answers get 503
  without a wait. Called from inside a handler or callback of the same server it returns at once, and what that one
  returns or sends still leaves. Nobody listens on the server's address any more when this returns.

  Returns a promise that is delivered when the server has stopped: its threads have ended and its connections are closed;
  or nil, at once, if it was stopping already. Options:

    :timeout ; Milliseconds that running requests have before they are interrupted. Default: 100"
  ([http-server] (server-stop! http-server nil))
  ([http-server opts] (-server-stop! http-server opts)))

(defn server-join
  "Blocks until the server has stopped."
  [^HttpServer http-server]
  (.join http-server))
