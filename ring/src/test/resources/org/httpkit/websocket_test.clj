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
                                          (hk/send! ch nil)]))}))]
      (with-open [socket (websocket port "/")]
        (is (= [true true true true true true true true :refused true false false] (await-value results)))
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
                         (if (hk/send-websocket-handshake! ch req)
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

(deftest a-large-message-is-refused
  (with-server [port (fn [req] (hk/as-channel req {:on-receive (fn [ch message] (hk/send! ch message))})) {:max-ws 100}]
    (with-open [socket (websocket port "/")]
      (.text socket (apply str (repeat 100 "x")))
      (is (= 100 (count (read-text socket))))
      (.text socket (apply str (repeat 101 "x")))
      (is (= 1009 (.closeCode (.read socket)))))))
