(ns org.httpkit.websocket-test
  "Channels as WebSockets."
  (:require [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask await-value connect read-text websocket with-server]]
            [org.httpkit.server :as hk])
  (:import [java.io ByteArrayInputStream]
           [java.util.concurrent LinkedBlockingQueue TimeUnit]
           [org.httpkit.server AsyncChannel Frame$PingFrame Frame$PongFrame]
           [org.httpkit.testkit RawClient RawWebSocket RawWebSocket$Frame]))

(def ^:private handshake
  {:request-method :get
   :protocol       "HTTP/1.1"
   :headers        {"upgrade"               "websocket"
                    "connection"            "Upgrade"
                    "sec-websocket-version" "13"
                    "sec-websocket-key"     "dGhlIHNhbXBsZSBub25jZQ=="}})

(deftest accepts-as-the-rfc-says
  (is (= "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" (hk/sec-websocket-accept "dGhlIHNhbXBsZSBub25jZQ==")))
  (is (= "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" (hk/accept "dGhlIHNhbXBsZSBub25jZQ=="))))

(deftest checks-a-handshake
  (is (= "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" (hk/websocket-handshake-check handshake)))
  (is (some? (hk/websocket-handshake-check (assoc-in handshake [:headers "connection"] "keep-alive, UPGRADE"))))
  (is (some? (hk/websocket-handshake-check (assoc-in handshake [:headers "upgrade"] "h2c, WebSocket"))))
  (doseq [[ks v] {[:request-method]                  :post
                  [:protocol]                        "HTTP/1.0"
                  [:headers "upgrade"]               "h2c"
                  [:headers "connection"]            "keep-alive"
                  [:headers "sec-websocket-version"] "8"
                  [:headers "sec-websocket-key"]     "c2hvcnQ="}]
    (is (nil? (hk/websocket-handshake-check (assoc-in handshake ks v))) (pr-str ks v))
    (is (nil? (hk/websocket-handshake-check (assoc-in handshake ks nil))) (pr-str ks)))
  (is (nil? (hk/websocket-handshake-check {}))))

(deftest echoes
  (with-server [port (fn [req] (hk/as-channel req {:on-receive (fn [ch message] (hk/send! ch message))}))]
    (with-open [socket (websocket port "/")]
      (.text socket "text")
      (is (= [1 "text"] ((juxt #(.opcode ^RawWebSocket$Frame %) #(.text ^RawWebSocket$Frame %)) (.read socket))))
      (.binary socket (byte-array [1 2 3]))
      (let [frame (.read socket)]
        (is (= [2 [1 2 3]] [(.opcode frame) (vec (.payload frame))]))))))

(deftest sends-each-kind-of-data
  (let [results (promise)]
    (with-server [port (fn [req]
                         (hk/as-channel req
                           {:on-open (fn [ch]
                                       (deliver results
                                         [(hk/send! ch nil)
                                          (hk/send! ch {:body nil})
                                          (hk/send! ch "text")
                                          (hk/send! ch {:status 500 :headers {"a" "b"} :body "of a map"})
                                          (hk/send! ch (.getBytes "bytes"))
                                          (hk/send! ch (ByteArrayInputStream. (.getBytes "stream")))
                                          (hk/send! ch (Frame$PingFrame. (.getBytes "ping")))
                                          (hk/send! ch (Frame$PongFrame. (.getBytes "pong")))
                                          (try (hk/send! ch 42) (catch IllegalArgumentException _ :refused))
                                          (hk/send! ch "last" true)
                                          (hk/send! ch "late")
                                          (hk/send! ch nil)
                                          (hk/send! ch 42)]))}))]
      (with-open [socket (websocket port "/")]
        (is (= [true true true true true true true true :refused true false false false] (await-value results)))
        (let [frames (loop [frames []]
                       (let [frame (.read socket)]
                         (if (= 8 (.opcode frame))
                           (conj frames [8 (.closeCode frame)])
                           (recur (conj frames [(.opcode frame) (.text frame)])))))]
          (is (= [[1 "text"] [1 "of a map"] [2 "bytes"] [8 1000]]
                 (filter #(or (#{1 8} (first %)) (= "bytes" (second %))) (remove #(= "last" (second %)) frames))))
          (is (some #{[9 "ping"]} frames))
          (is (some #{[10 "pong"]} frames))
          (is (= [1 "last"] (last (butlast frames)))))))))

(deftest messages-come-in-order-and-after-on-open
  (let [log (LinkedBlockingQueue.)]
    (with-server [port (fn [req]
                         (hk/as-channel req {:on-open    (fn [_] (Thread/sleep 20) (.add log "open"))
                                             :on-receive (fn [_ message] (.add log message))}))]
      (with-open [client (connect port)]
        (.send client ^String (RawWebSocket/handshake "/" (make-array String 0)))
        (dotimes [i 50]
          (.send client (RawWebSocket/masked true 0 1 (.getBytes (str i)) 7)))
        (is (= (cons "open" (map str (range 50))) (repeatedly 51 #(.poll log 10 TimeUnit/SECONDS))))))))

(deftest with-channel-loses-no-message
  (doseq [late? [false true]]
    (let [log     (LinkedBlockingQueue.)
          release (promise)]
      (with-server [port (fn [req]
                           (hk/with-channel req ch
                             (let [listen #(do (deref release 10000 nil)
                                               (hk/on-receive ch (fn [message] (.add log message))))]
                               (if late? (future (listen)) (listen)))))]
        (with-open [client (connect port)]
          (.send client ^String (RawWebSocket/handshake "/" (make-array String 0)))
          (dotimes [i 20]
            (.send client (RawWebSocket/masked true 0 1 (.getBytes (str i)) 7)))
          (.readHead client)
          (deliver release true)
          (is (= (map str (range 20)) (repeatedly 20 #(.poll log 10 TimeUnit/SECONDS)))
              (if late? "after the handler has returned" "in the handler")))))))

(deftest pings-are-answered-and-told
  (let [told (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-ping (fn [_ data] (deliver told data))}))]
      (with-open [socket (websocket port "/")]
        (.ping socket "abc")
        (is (= "abc" (read-text socket)))
        (is (= "abc" (String. ^bytes (await-value told))))))))

(deftest the-end-is-told-in-a-keyword
  (doseq [[code expected] {1000 :normal, 1001 :going-away, 1002 :protocol-error, 1003 :unsupported, 1007 :invalid-payload-data,
                           1008 :policy-violation, 1009 :message-too-big, 1010 :mandatory-extension,
                           1011 :internal-server-error, 4000 :unknown}]
    (let [status (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-close (fn [_ s] (deliver status s))}))]
        (with-open [socket (websocket port "/")]
          (.close socket (int code) "")
          (is (= expected (await-value status)))))))
  (testing "without a code"
    (let [status (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-close (fn [_ s] (deliver status s))}))]
        (with-open [socket (websocket port "/")]
          (.frame socket true 0 RawWebSocket/CLOSE (byte-array 0))
          (is (= :no-status-received (await-value status)))))))
  (testing "without a close frame"
    (let [status (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-close (fn [_ s] (deliver status s))}))]
        (with-open [_ (websocket port "/")])
        (is (= :going-away (await-value status))))))
  (testing "by us"
    (let [status (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open  (fn [ch] (.serverClose ^AsyncChannel ch 4001 "bye"))
                                                       :on-close (fn [_ s] (deliver status s))}))]
        (with-open [socket (websocket port "/")]
          (let [frame (.read socket)]
            (is (= [4001 "bye"] [(.closeCode frame) (.closeReason frame)])))
          (is (= :server-close (await-value status))))))))

(deftest a-code-that-nobody-may-send-leaves-the-channel-open
  (let [outcome (promise)]
    (with-server [port (fn [req]
                         (hk/as-channel req
                           {:on-open (fn [^AsyncChannel ch]
                                       (deliver outcome (try (.serverClose ch 2000 "") (catch IllegalArgumentException _ :refused)))
                                       (.serverClose ch 1000 "bye"))}))]
      (with-open [socket (websocket port "/")]
        (is (= 1000 (.closeCode (.read socket))))
        (is (= :refused (await-value outcome)))))))

(deftest what-on-receive-throws-closes-with-1011-and-is-told
  (let [told (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-receive (fn [_ _] (throw (java.io.IOException. "meant")))}))
                  {:error-logger (fn [message failure] (deliver told [message (ex-message failure)]))}]
      (with-open [socket (websocket port "/ws")]
        (.text socket "x")
        (is (= 1011 (.closeCode (.read socket))))
        (is (= ["GET /ws" "meant"] (await-value told)))))))

(deftest bad-handshakes-are-answered
  (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [_] (throw (ex-info "not called" {})))}))]
    (let [fields {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                  "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ=="}
          status #(select-keys (ask port "GET" "/" % nil) [:status :body])]
      (is (= {:status 400 :body "Bad Sec-WebSocket-Key header"} (status (assoc fields "Sec-WebSocket-Key" "short"))))
      (is (= {:status 400 :body "Bad Sec-WebSocket-Key header"} (status (select-keys fields ["Upgrade" "Connection"]))))
      (is (= 426 (:status (status (assoc fields "Sec-WebSocket-Version" "8")))))
      (is (= "13" (get-in (ask port "GET" "/" (assoc fields "Sec-WebSocket-Version" "8") nil)
                    [:headers "Sec-WebSocket-Version"])))
      (is (= 403 (:status (status (assoc fields "Origin" "http://evil.example")))))))
  (testing "as the handler likes"
    (with-server [port (fn [req] (hk/as-channel req {:on-handshake-error (fn [ch] (hk/send! ch {:status 418}))}))]
      (is (= 418 (:status (ask port "GET" "/" {"Upgrade" "websocket", "Connection" "Upgrade"} nil)))))))

(deftest as-channel-has-options-for-the-handshake
  (with-server [port (fn [req] (hk/as-channel req {:protocols       ["b" "a"]
                                                   :headers         {"Set-Cookie" "s=1"}
                                                   :allowed-origins ["https://friend.example"]}))]
    (with-open [socket (websocket port "/" "Origin: https://friend.example" "Sec-WebSocket-Protocol: x, a, b")]
      (is (= "a" (.field (.handshake socket) "Sec-WebSocket-Protocol")))
      (is (= "s=1" (.field (.handshake socket) "Set-Cookie")))))
  (with-server [port (fn [req] (hk/as-channel req {:allowed-origins :any}))]
    (with-open [socket (websocket port "/" "Origin: https://any.example")]
      (is (= 101 (.status (.handshake socket))))))
  (testing "as the server was told, unless the channel is told otherwise"
    (with-server [port (fn [req] (hk/as-channel req (if (= "/none" (:uri req)) {:allowed-origins []} {})))
                  {:allowed-origins "https://friend.example"}]
      (with-open [socket (websocket port "/" "Origin: https://friend.example")]
        (is (= 101 (.status (.handshake socket)))))
      (doseq [[path origin] {"/" "https://other.example", "/none" "https://friend.example"}]
        (is (= 403 (:status (ask port "GET" path {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                                                  "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ==", "Origin" origin} nil))))))))

(deftest the-handshake-can-be-made-by-hand
  (with-server [port (fn [req]
                       (let [ch (:async-channel req)]
                         (if (true? (hk/send-websocket-handshake! ch req))
                           (do (hk/on-receive ch (fn [message] (hk/send! ch message)))
                               {:body ch})
                           {:status 400})))]
    (with-open [socket (websocket port "/")]
      (.text socket "by hand")
      (is (= "by hand" (read-text socket))))
    (is (= 400 (:status (ask port "/")))))
  (with-server [port (fn [req]
                       (let [^AsyncChannel ch (:async-channel req)]
                         (.sendHandshake ch {"Upgrade" "websocket", "Connection" "Upgrade", "X-Own" "1"
                                             "Sec-WebSocket-Accept" (hk/sec-websocket-accept
                                                                      (get-in req [:headers "sec-websocket-key"]))})
                         (.setPongHandler ch (fn [data] (hk/send! ch (str "pong " (String. ^bytes data)))))
                         {:body ch}))]
    (with-open [socket (websocket port "/")]
      (is (= "1" (.field (.handshake socket) "X-Own")))
      (.pong socket "p")
      (is (= "pong p" (read-text socket))))))

(deftest a-checked-handshake-returns-nothing
  (let [returned (promise)]
    (with-server [port (fn [req]
                         (let [ch (:async-channel req)]
                           (deliver returned [(hk/send-checked-websocket-handshake! ch (hk/websocket-handshake-check req))])
                           {:body ch}))]
      (with-open [_ (websocket port "/")]
        (is (= [nil] (await-value returned)))))))

(deftest a-large-message-is-refused
  (with-server [port (fn [req] (hk/as-channel req {:on-receive (fn [ch message] (hk/send! ch message))})) {:max-ws 100}]
    (with-open [socket (websocket port "/")]
      (.text socket (apply str (repeat 100 "x")))
      (is (= 100 (count (read-text socket))))
      (.text socket (apply str (repeat 101 "x")))
      (is (= 1009 (.closeCode (.read socket)))))))

(deftest a-stream-is-one-frame
  (let [closed (atom 0)
        stream (fn [length] (proxy [ByteArrayInputStream] [(byte-array length)] (close [] (swap! closed inc))))
        sent   (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch]
                                                               (deliver sent [(hk/send! ch (stream 0)) (hk/send! ch (stream 200000))])
                                                               (hk/send! ch {:body (stream 5)} true))}))]
      (with-open [socket (websocket port "/")]
        (is (= [true true] (await-value sent)))
        (is (= [[true 2 0] [true 2 200000] [true 2 5] [true 8 2]]
               (repeatedly 4 #(let [frame (.read socket)] [(.fin frame) (.opcode frame) (alength (.payload frame))]))))
        (is (= 3 @closed)))))
  (testing "unless it is longer than what may be held in memory"
    (let [length (+ (bit-shift-left 16 20) 10)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch (ByteArrayInputStream. (byte-array length))))}))]
        (with-open [socket (websocket port "/")]
          (let [frames (loop [frames []]
                         (let [frame (.read socket), told [(.fin frame) (.opcode frame) (alength (.payload frame))]]
                           (if (.fin frame) (conj frames told) (recur (conj frames told)))))]
            (is (= 2 (second (first frames))))
            (is (= #{0} (set (map second (rest frames)))))
            (is (= length (reduce + (map #(nth % 2) frames)))))))))
  (testing "and one that fails is the sender's affair"
    (let [failure (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch]
                                                                 (deliver failure
                                                                   (try (hk/send! ch (proxy [java.io.InputStream] []
                                                                                       (read ([] (throw (java.io.IOException. "meant")))
                                                                                         ([b o n] (throw (java.io.IOException. "meant"))))))
                                                                     (catch java.io.UncheckedIOException e (ex-message (.getCause e)))))
                                                                 (hk/send! ch "goes on"))}))]
        (with-open [socket (websocket port "/")]
          (is (= "goes on" (read-text socket)))
          (is (= "meant" (await-value failure))))))))

(deftest a-burst-to-a-client-that-reads-arrives-as-a-whole
  (doseq [[messages length] {960 65536, 3000 10240}]
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (dotimes [_ messages] (hk/send! ch (byte-array length))))}))]
      (with-open [socket (websocket port "/")]
        (is (= {length messages} (frequencies (repeatedly messages #(alength (.payload (.read socket)))))))))))

(deftest what-happens-to-a-client-that-does-not-keep-up-is-up-to-the-channel
  (let [filled (promise), drained (promise), queued (promise)
        fill!  (fn [ch] (loop [sent 0] (if (hk/send! ch (byte-array 65536)) (recur (inc sent)) sent)))]
    (with-server [port (fn [req] (hk/as-channel req
                                   {:when-full :reject
                                    :on-drain  (fn [ch] (deliver drained (.queuedBytes ^AsyncChannel ch)))
                                    :on-open   (fn [ch]
                                                 (deliver filled (fill! ch))
                                                 (deliver queued [(hk/open? ch) (.queuedBytes ^AsyncChannel ch)]))}))
                  {:max-queued-bytes 1000000}]
      (with-open [socket (websocket port "/")]
        (let [sent          (await-value filled)
              [open? bytes] (await-value queued)]
          (is (true? open?) "a refused send! closes nothing")
          (is (<= 1000000 bytes 1200000))
          (dotimes [_ sent] (.read socket))
          (is (= 0 (await-value drained)))))))
  (testing "the sender may wait"
    (with-server [port (fn [req] (hk/as-channel req {:when-full :block
                                                     :on-open   (fn [ch]
                                                                  (future (dotimes [i 500] (hk/send! ch (byte-array 65536)))
                                                                    (hk/send! ch "last")))}))
                  {:max-queued-bytes 1000000}]
      (with-open [socket (websocket port "/")]
        (dotimes [_ 500] (.read socket))
        (is (= "last" (read-text socket))))))
  (testing "and what is none of these is refused"
    (let [refused (promise)]
      (with-server [port (fn [req] (try (hk/as-channel req {:when-full :later})
                                     (catch IllegalArgumentException e (deliver refused (ex-message e)) {:status 200})))]
        (ask port "/")
        (is (re-find #":when-full is :later.*:block" (await-value refused)))))))

(deftest who-is-cut-for-not-keeping-up-is-named
  (doseq [limit [:max-queued-bytes :max-queued-bytes-total]]
    (let [warning (promise), closed (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open  (fn [ch] (future (while (hk/send! ch (byte-array 65536)))))
                                                       :on-close (fn [_ status] (deliver closed status))}))
                    {limit 1000000, :warn-logger (fn [message _] (deliver warning message))}]
        (with-open [socket (websocket port "/slow")]
          (is (re-find (re-pattern (str "Closed.*127\\.0\\.0\\.1:" (.getPort ^java.net.InetSocketAddress (.localAddress (.client socket))) ".* bytes waited.*" limit))
                (await-value warning)))
          (is (= :server-close (await-value closed))))))))

(deftest broken-frames-and-foreign-pages-are-warned-of
  (let [warnings (LinkedBlockingQueue.)]
    (with-server [port (fn [req] (hk/as-channel req {})) {:warn-logger (fn [message _] (.add warnings message))}]
      (with-open [socket (websocket port "/broken")]
        (.frame socket true 4 1 (byte-array 1))
        (is (re-find #"Closed the WebSocket /broken of .*127.0.0.1.* with 1002" (str (.poll warnings 10 TimeUnit/SECONDS)))))
      (is (= 403 (:status (ask port "GET" "/page" {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                                                  "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ==", "Origin" "http://localhost:3000"} nil))))
      (is (re-find #"http://localhost:3000 .*/page .*403.*:allowed-origins \[\"http://localhost:3000\"\]"
            (str (.poll warnings 10 TimeUnit/SECONDS)))))))

(deftest a-channel-is-a-websocket-from-the-request-on
  (let [log (atom [])]
    (with-server [port (fn [req] (hk/as-channel req {:init    (fn [ch] (swap! log conj [(hk/websocket? ch) (hk/open? ch)]))
                                                     :on-open (fn [ch] (swap! log conj [(hk/websocket? ch) (hk/open? ch)]) (hk/send! ch "x"))}))]
      (with-open [socket (websocket port "/")] (read-text socket))
      (ask port "/")
      (is (= [[true true] [true true] [false true] [false true]] @log)))))

(deftest who-asks-for-a-websocket-in-another-way-than-by-get-is-refused
  (with-server [port (fn [req] (if (:websocket? req) (hk/as-channel req {}) {:status 299}))]
    (doseq [method ["POST" "PUT"]]
      (is (= 400 (:status (ask port method "/" {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                                                "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ=="} nil)))))
    (is (= 299 (:status (ask port "GET" "/" {"Upgrade" "h2c", "Connection" "Upgrade"} nil))))))

(deftest what-on-open-throws-closes-with-1011
  (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [_] (throw (ex-info "meant" {})))})) {:error-logger (fn [_ _])}]
    (with-open [socket (websocket port "/")]
      (is (= 1011 (.closeCode (.read socket)))))))

(deftest what-a-callback-throws-may-be-told-and-close-nothing
  (let [told (LinkedBlockingQueue.)]
    (with-server [port (fn [req] (hk/as-channel req {:on-receive (fn [ch message]
                                                                   (when (= "throw" message) (throw (java.io.IOException. "meant")))
                                                                   (hk/send! ch message))
                                                     :on-ping    (fn [_ _] (throw (ex-info "of a ping" {})))}))
                  {:close-on-failure? false, :error-logger (fn [message failure] (.add told [message (ex-message failure)]))}]
      (with-open [socket (websocket port "/ws")]
        (.text socket "throw")
        (.ping socket "p")
        (is (= "p" (read-text socket)))
        (.text socket "goes on")
        (is (= "goes on" (read-text socket)))
        (is (= [["GET /ws" "meant"] ["GET /ws" "of a ping"]] (repeatedly 2 #(.poll told 10 TimeUnit/SECONDS))))))))
