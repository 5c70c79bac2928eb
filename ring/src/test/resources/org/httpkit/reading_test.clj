(ns org.httpkit.reading-test
  "When streams and sequences are read that are sent on a channel, or that an asynchronous handler responds with."
  (:require [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask await-value connect with-server]]
            [org.httpkit.server :as hk])
  (:import [java.io ByteArrayInputStream InputStream]
           [java.util Iterator]
           [java.util.concurrent LinkedBlockingQueue TimeUnit]))

(def ^:private held-bytes (bit-shift-left 16 20))

(defn- handlers
  "By name, a handler and the options of its server, which give what `f` makes to the client in each way that reads at once."
  [f]
  {"send!"   [(fn [req] (hk/as-channel req {:on-open (fn [ch] (f #(hk/send! ch %)))})) {}]
   "respond" [(fn [_ respond _] (f respond)) {:ring-async? true}]})

(defn- stream
  "A stream of that many bytes. Tells `on-read` of each thread that reads it, and may be closed."
  ^InputStream [length on-read on-close]
  (let [source (ByteArrayInputStream. (byte-array length (byte 120)))]
    (proxy [InputStream] []
      (read
        ([] (on-read (Thread/currentThread)) (.read source))
        ([b off n] (on-read (Thread/currentThread)) (.read source b off n)))
      (close [] (on-close)))))

(deftest a-stream-has-been-read-when-the-call-returns
  (let [outcomes (LinkedBlockingQueue.)]
    (doseq [[way [handler opts]] (handlers (fn [give!]
                                             (let [readers (atom #{}), closed (atom 0)]
                                               (with-open [in (stream 100000 #(swap! readers conj %) #(swap! closed inc))]
                                                 (give! {:status 200, :body in})
                                                 (.add outcomes [@readers @closed (Thread/currentThread)])))))]
      (testing way
        (with-server [port handler opts]
          (let [resp (ask port "/")]
            (is (= [200 "100000" 100000]
                   [(:status resp) (get-in resp [:headers "Content-Length"]) (count (:body resp))])))
          (let [[readers closed caller] (.poll outcomes 10 TimeUnit/SECONDS)]
            (is (= #{caller} readers))
            (is (= 1 closed) "it is closed as well")))))))

(def ^:dynamic *language* "en")

(deftest a-sequence-has-been-realized-when-the-call-returns
  (doseq [[way [handler opts]] (handlers (fn [give!]
                                           (binding [*language* "de"]
                                             (give! {:status 200, :body (map (fn [_] *language*) [1 2])}))))]
    (testing way
      (with-server [port handler opts]
        (let [resp (ask port "/")]
          (is (= ["dede" "4"] [(:body resp) (get-in resp [:headers "Content-Length"])]))
          (is (= "4" (get-in (ask port "HEAD" "/" {} nil) [:headers "Content-Length"])) "HEAD has what GET would have"))))))

(deftest the-sender-learns-what-a-sequence-throws
  (with-server [port (fn [req]
                       (hk/as-channel req
                         {:on-open (fn [ch]
                                     (try
                                       (hk/send! ch {:status 200, :body (map #(/ 1 %) [1 0])})
                                       (catch ArithmeticException _ (hk/send! ch {:status 422, :body "bad"}))))}))]
    (is (= [422 "bad"] ((juxt :status :body) (ask port "/")))))
  (testing "and what responds with one answers 500"
    (let [told (promise)]
      (with-server [port (fn [_ respond _] (respond {:status 200, :body (map #(/ 1 %) [1 0])}))
                    {:ring-async? true, :error-logger (fn [_ failure] (deliver told (class failure)))}]
        (is (= 500 (:status (ask port "/"))))
        (is (= ArithmeticException (await-value told)))))))

(deftest a-piece-of-a-response-is-read-as-well
  (let [done (promise)]
    (with-server [port (fn [req]
                         (hk/as-channel req
                           {:on-open (fn [ch]
                                       (binding [*language* "fr"]
                                         (hk/send! ch {:body (map (fn [_] *language*) [1 2])} false)
                                         (hk/send! ch (map (fn [_] *language*) [3 4 5]) false))
                                       (deliver done true))}))]
      (with-open [client (connect port)]
        (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        (.readHead client)
        (is (= ["frfr" "frfrfr"] (repeatedly 2 #(String. (.readChunk client)))))
        (is (true? (await-value done)))))))

(deftest what-is-long-or-endless-goes-on-behind-what-memory-holds
  (let [sent (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (deliver sent (hk/send! ch (repeat (byte-array 65536)))))}))]
      (with-open [client (connect port)]
        (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        (.readHead client)
        (is (true? (await-value sent)))
        (let [lengths (reductions + (repeatedly #(alength (.readChunk client))))]
          (is (some #(< (+ held-bytes 1000000) %) lengths))))))
  (testing "a stream as well"
    (let [length (+ held-bytes 100000)
          closed (promise)]
      (with-server [port (fn [_ respond _] (respond {:status 200, :body (stream length (fn [_]) #(deliver closed true))}))
                    {:ring-async? true}]
        (with-open [client (connect port)]
          (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          (.readHead client)
          (is (= length (reduce + (take-while pos? (repeatedly #(alength (.readChunk client)))))))
          (is (true? (await-value closed))))))))

(deftest no-more-is-read-than-is-declared-or-wanted
  (doseq [[method status headers expected] [["GET" 200 {"Content-Length" "3"} "xxx"]
                                            ["GET" 204 {} ""]
                                            ["GET" 304 {} ""]]]
    (testing (str method status)
      (let [closed (promise)
            ends   (fn [give!]
                     (give! {:status  status
                             :headers headers
                             :body    (proxy [InputStream] []
                                        (read ([] (int \x)) ([b off n] (if (pos? n) (do (aset-byte b off 120) 1) 0)))
                                        (close [] (deliver closed true)))}))]
        (doseq [[way [handler opts]] (handlers ends)]
          (with-server [port handler opts]
            (is (= [status expected] ((juxt :status :body) (ask port method "/" {} nil))) way)
            (is (true? (await-value closed)))))))))

(deftest an-iterator-that-can-be-closed-is-closed
  (let [closed (promise)
        pieces (reify Iterable
                 (iterator [_]
                   (let [left (atom ["a" "b"])]
                     (reify
                       Iterator
                       (hasNext [_] (some? (seq @left)))
                       (next [_] (let [piece (first @left)] (swap! left rest) piece))
                       java.lang.AutoCloseable
                       (close [_] (deliver closed true))))))]
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch {:body pieces}))}))]
      (is (= "ab" (:body (ask port "/"))))
      (is (true? (await-value closed))))))
