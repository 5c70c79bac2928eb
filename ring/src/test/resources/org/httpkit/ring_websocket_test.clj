(ns org.httpkit.ring-websocket-test
  "Ring's own WebSockets and streamed bodies, with namespaces of the shape of Ring's."
  (:require [clojure.test              :refer [deftest is testing]]
            [org.httpkit.raw           :refer [ask await-value connect read-text websocket with-server]]
            [org.httpkit.server        :as hk]
            [ring.core.protocols       :as core]
            [ring.websocket.protocols  :as ws])
  (:import [java.io OutputStream]
           [java.nio ByteBuffer]
           [java.util.concurrent LinkedBlockingQueue TimeUnit]
           [org.httpkit.testkit RawWebSocket]))

(defn- text-of [^ByteBuffer buffer]
  (let [bytes (byte-array (.remaining buffer))]
    (.get (.duplicate buffer) bytes)
    (String. bytes)))

(defn- recorder
  "A listener that writes down what it is told in a queue."
  [^LinkedBlockingQueue log & {:keys [open message]}]
  (reify ws/Listener
    (on-open [_ socket] (.add log [:open (ws/-open? socket)]) (when open (open socket)))
    (on-message [_ socket m] (.add log [:message (if (instance? ByteBuffer m) [:bytes (text-of m)] m)]) (when message (message socket m)))
    (on-pong [_ _ data] (.add log [:pong (text-of data)]))
    (on-error [_ _ e] (.add log [:error (ex-message e)]))
    (on-close [_ _ code reason] (.add log [:close code reason]))))

(defn- next-of [^LinkedBlockingQueue log]
  (.poll log 10 TimeUnit/SECONDS))

(deftest serves-a-listener
  (is (false? @#'hk/no-ring-websockets?))
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [_] {:ring.websocket/listener (recorder log
                                                           :open (fn [socket]
                                                                   (ws/-send socket "hello")
                                                                   (ws/-send socket (ByteBuffer/wrap (.getBytes "bytes")))
                                                                   (ws/-ping socket (ByteBuffer/wrap (.getBytes "pi")))
                                                                   (ws/-pong socket (ByteBuffer/wrap (.getBytes "po")))))
                                :ring.websocket/protocol "chat"})]
      (with-open [socket (websocket port "/" "Sec-WebSocket-Protocol: other, chat")]
        (is (= "chat" (.field (.handshake socket) "Sec-WebSocket-Protocol")))
        (is (= [[1 "hello"] [2 "bytes"] [9 "pi"] [10 "po"]]
               (for [_ (range 4)] (let [frame (.read socket)] [(.opcode frame) (.text frame)]))))
        (is (= [:open true] (next-of log)))
        (.text socket "text")
        (is (= [:message "text"] (next-of log)))
        (.binary socket (.getBytes "binary"))
        (is (= [:message [:bytes "binary"]] (next-of log)))
        (.pong socket "pong")
        (is (= [:pong "pong"] (next-of log)))
        (.ping socket "ping")
        (is (= [10 "ping"] (let [frame (.read socket)] [(.opcode frame) (.text frame)])) "answered by the server")
        (.close socket 1000 "done")
        (is (= [:close 1000 "done"] (next-of log)))))))

(deftest a-listener-that-asks-for-pings-answers-them
  (let [log  (LinkedBlockingQueue.)
        pong (fn [socket data] (.add log [:ping (text-of data)]) (ws/-pong socket (ByteBuffer/wrap (.getBytes "mine"))))]
    (with-server [port (fn [_] {:ring.websocket/listener
                                (reify
                                  ws/Listener
                                  (on-open [_ _])
                                  (on-message [_ _ _])
                                  (on-pong [_ _ _])
                                  (on-error [_ _ _])
                                  (on-close [_ _ _ _])
                                  ws/PingListener
                                  (on-ping [_ socket data] (pong socket data)))})]
      (with-open [socket (websocket port "/")]
        (.ping socket "theirs")
        (is (= [10 "mine"] (let [frame (.read socket)] [(.opcode frame) (.text frame)])))
        (is (= [:ping "theirs"] (next-of log)))
        (.text socket "x")
        (.close socket 1000 "")
        (is (= 8 (.opcode (.read socket))) "and no other pong came")))))

;; As Ring's namespace ring.websocket does it.
(extend-type clojure.lang.IPersistentMap
  ws/Listener
  (on-open [m socket] (when-let [f (:on-open m)] (f socket)))
  (on-message [m socket message] (when-let [f (:on-message m)] (f socket message)))
  (on-pong [m socket data] (when-let [f (:on-pong m)] (f socket data)))
  (on-error [m socket e] (when-let [f (:on-error m)] (f socket e)))
  (on-close [m socket code reason] (when-let [f (:on-close m)] (f socket code reason)))
  ws/PingListener
  (on-ping [m socket data] (if-let [f (:on-ping m)] (f socket data) (ws/-pong socket data))))

(deftest a-listener-may-be-a-map
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [_] {:ring.websocket/listener
                                {:on-message (fn [socket message] (ws/-send socket (str message "!")))
                                 :on-close   (fn [_ code reason] (.add log [code reason]))}})]
      (with-open [socket (websocket port "/")]
        (.text socket "x")
        (is (= "x!" (read-text socket)))
        (.ping socket "p")
        (is (= [10 "p"] (let [frame (.read socket)] [(.opcode frame) (.text frame)])))
        (.close socket 1000 "normal closure")
        (is (= [8 1000 "normal closure"]
               (let [frame (.read socket)] [(.opcode frame) (.closeCode frame) (.closeReason frame)])))
        (is (= [1000 "normal closure"] (next-of log)) "told before the client has its answer")))))

(deftest errors-are-told-to-the-listener
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [_] {:ring.websocket/listener (recorder log :message (fn [_ _] (throw (ex-info "meant" {}))))})
                  {:error-logger (fn [_ _])}]
      (with-open [socket (websocket port "/")]
        (next-of log)
        (.text socket "x")
        (is (= [:message "x"] (next-of log)))
        (is (= [:error "meant"] (next-of log)))
        (is (= 1011 (.closeCode (.read socket))))))))

(deftest a-socket-closes-with-code-and-reason
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [_] {:ring.websocket/listener (recorder log :open (fn [socket] (ws/-close socket 4000 "enough")))})]
      (with-open [socket (websocket port "/")]
        (let [frame (.read socket)]
          (is (= [4000 "enough"] [(.closeCode frame) (.closeReason frame)])))
        (next-of log)
        (is (= [:close 4000 "enough"] (next-of log)))))))

(deftest a-client-that-vanishes-has-gone-away
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [_] {:ring.websocket/listener (recorder log)})]
      (with-open [_ (websocket port "/")]
        (is (= [:open true] (next-of log))))
      (is (= [:close 1001 ""] (next-of log))))))

(deftest sending-can-be-followed
  (let [log  (LinkedBlockingQueue.)
        sent (promise), failed (promise), late (promise)]
    (with-server [port (fn [_] {:ring.websocket/listener
                                (recorder log :open (fn [socket]
                                                      (ws/-send-async socket "x" #(deliver sent :sent) #(deliver sent %))
                                                      (ws/-send-async socket 42 #(deliver failed :sent) #(deliver failed %)))
                                              :message (fn [socket _]
                                                         (ws/-close socket 1000 "")
                                                         (ws/-send-async socket "x" #(deliver late :sent) #(deliver late %))))})]
      (with-open [socket (websocket port "/")]
        (is (= "x" (read-text socket)))
        (is (= :sent (await-value sent)))
        (is (instance? IllegalArgumentException (await-value failed)))
        (.text socket "close")
        (is (instance? java.io.IOException (await-value late)))))))

(deftest a-listener-without-a-handshake-is-refused
  (with-server [port (fn [_] {:ring.websocket/listener (recorder (LinkedBlockingQueue.))})]
    (is (= 426 (:status (ask port "/"))))
    (is (= 403 (:status (ask port "GET" "/" {"Upgrade" "websocket" "Connection" "Upgrade" "Sec-WebSocket-Version" "13"
                                             "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ==" "Origin" "http://x.example"} nil))))))

(deftest a-listener-hears-nothing-of-a-websocket-that-was-refused
  (let [log    (LinkedBlockingQueue.)
        fields {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ=="}]
    (with-server [port (fn [_] {:ring.websocket/listener (recorder log)})]
      (is (= [400 403 426] (map #(:status (ask port "GET" "/" % nil))
                             [(assoc fields "Sec-WebSocket-Key" "short")
                              (assoc fields "Origin" "http://x.example")
                              (assoc fields "Sec-WebSocket-Version" "8")])))
      (with-open [_ (websocket port "/")]
        (is (= [:open true] (next-of log)) "the first of all")))))

(deftest async-handlers-may-respond-with-a-listener
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [_ respond _] (future (respond {:ring.websocket/listener (recorder log)}))) {:ring-async? true}]
      (with-open [socket (websocket port "/")]
        (is (= [:open true] (next-of log)))
        (.text socket "x")
        (is (= [:message "x"] (next-of log)))))))

(defrecord Sum [xs])
(deftype Later [write])

(extend-protocol core/StreamableResponseBody
  Sum
  (write-body-to-stream [body response out]
    (with-open [^OutputStream out out]
      (.write out (.getBytes (str (:prefix response) (reduce + (:xs body)))))))
  Later
  (write-body-to-stream [body _ out]
    (future ((.-write ^Later body) out))))

(deftest rings-protocol-writes-bodies
  (with-server [port (fn [_] {:status 200, :prefix "sum: ", :body (->Sum [1 2 3])})]
    (is (= "sum: 6" (:body (ask port "/")))))
  (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch {:status 200, :body (->Sum [1 2])}))}))]
    (is (= "3" (:body (ask port "/"))))))

(deftest a-body-may-be-written-after-an-async-response
  (with-server [port (fn [_ respond _]
                       (respond {:status 200
                                 :body   (->Later (fn [^OutputStream out]
                                                    (dotimes [i 3]
                                                      (.write out (.getBytes (str i)))
                                                      (.flush out))
                                                    (.close out)))}))
                {:ring-async? true}]
    (is (= "012" (:body (ask port "/"))))))
