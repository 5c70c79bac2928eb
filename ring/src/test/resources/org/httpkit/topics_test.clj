(ns org.httpkit.topics-test
  "Topics for Ring handlers."
  (:require [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask await-that await-value connect read-text websocket with-server]]
            [org.httpkit.topics :as topics])
  (:import [java.io IOException]
           [java.lang.ref WeakReference]
           [java.util Locale]
           [org.httpkit.ring RequestMap]
           [org.httpkit.testkit RawClient]
           [org.httpkit.topics Backplane]))

(defn- await-listeners [chat topic n]
  (await-that #(= n (:here (topics/presence chat topic))))
  (is (= n (:here (topics/presence chat topic)))))

(deftest reaches-everybody-who-subscribes
  (with-open [chat (topics/topics {:keep 10})]
    (with-server [port (fn [req] (topics/subscribe chat (assoc req :user "ada") "lobby"))]
      (with-open [one (websocket port "/"), two (websocket port "/")]
        (await-listeners chat "lobby" 2)
        (let [id (await-value (topics/publish! chat "lobby" "hello"))]
          (is (= 1 (:offset id)))
          (is (= (str (:epoch id) "-1") (:id id)))
          (is (= "hello" (read-text one) (read-text two)))
          (testing "and those who come later"
            (is (= 200 (:status (ask port "/?after=all"))))
            (is (re-find #"\"data\":\"hello\"" (:body (ask port "/?after=all"))))))
        (topics/publish! chat "lobby" (byte-array [104 105]))
        (is (= "hi" (read-text one)))
        (is (= {:here 2, :everywhere 2} (topics/presence chat "lobby")))
        (is (= 2 (:published (topics/stats chat))))
        (is (nil? (:backplane (topics/stats chat))))))))

(deftest takes-what-websocket-clients-say
  (let [said (promise)]
    (with-open [chat (topics/topics)]
      (with-server [port (fn [req] (topics/subscribe chat req {:topics     ["lobby"]
                                                               :on-message (fn [_ message] (deliver said message))}))]
        (with-open [client (websocket port "/")]
          (.text client "hello")
          (is (= "hello" (await-value said))))))))

(deftest names-the-state-of-the-backplane-whatever-the-language
  (let [usual (Locale/getDefault)]
    (Locale/setDefault (Locale/forLanguageTag "tr"))
    (try
      (with-open [chat (topics/topics {:backplane (reify Backplane
                                                    (open [_] (throw (IOException. "Nobody is there"))))})]
        (is (= :connecting (:state (:backplane (topics/stats chat))))))
      (finally
        (Locale/setDefault usual)))))

(deftest keeps-no-request-that-is-over
  (let [request (promise)]
    (with-open [chat (topics/topics)]
      (with-server [port (fn [^RequestMap req]
                           (deliver request (WeakReference. (.request req)))
                           (topics/subscribe chat req {:topics ["a"], :poll-timeout-ms 20}))]
        (is (= 204 (:status (ask port "/?after="))))
        (let [^WeakReference request (await-value request)]
          (is (await-that #(do (System/gc) (nil? (.get request))))))))))

(deftest lets-pages-of-the-origins-of-the-server-subscribe
  (with-open [chat (topics/topics)]
    (with-server [port (fn [req]
                         (topics/subscribe chat req (cond-> {:topics ["a"]} (= "/none" (:uri req)) (assoc :allowed-origins []))))
                  {:allowed-origins "https://friend.example"}]
      (with-open [socket (websocket port "/" "Origin: https://friend.example")]
        (is (= 101 (.status (.handshake socket)))))
      (doseq [[path origin] {"/" "https://other.example", "/none" "https://friend.example"}]
        (is (= 403 (:status (ask port "GET" path {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                                                  "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ==", "Origin" origin} nil))))))))

(deftest subscribes-requests-that-middleware-has-looked-at
  (with-open [chat (topics/topics {:keep 1})]
    (with-server [port (fn [req]
                         (is (string? (pr-str req)))
                         (topics/subscribe chat req "a"))]
      (topics/publish! chat "a" "kept")
      (is (= 200 (:status (ask port "/?after=all")))))))

(deftest asks-who-may-subscribe
  (with-open [chat (topics/topics)]
    (with-server [port (fn [req]
                         (topics/subscribe chat req {:topics [(subs (:uri req) 1)]
                                                     :allow  (fn [topic] (= "public" topic))}))]
      (is (= 403 (:status (ask port "/secret?after="))))
      (with-open [^RawClient client (connect port)]
        (.send client "GET /public?after= HTTP/1.1\r\nHost: a\r\n\r\n")
        (await-listeners chat "public" 1)
        (topics/publish! chat "public" "news")
        (is (re-find #"\"data\":\"news\"" (.text (.read client))))))))

(deftest takes-all-options
  (with-open [chat (topics/topics {:keep 1, :keep-ms 1000, :max-history-bytes 2048, :max-topics 2, :max-subscriptions 2
                                   :max-name-length 10, :max-message-bytes 3, :max-undelivered 10
                                   :slow-after-bytes 2048, :presence-interval-ms 20, :publish-timeout-ms 200
                                   :keep-alive-interval-ms 0
                                   :backplane nil})]
    (is (thrown? IllegalArgumentException (topics/publish! chat "a" "four")))
    (with-server [port (fn [req] (topics/subscribe chat req {:topics  ["a"], :when-slow :latest, :history? true
                                                             :presence? true, :poll-timeout-ms 20
                                                             :allowed-origins :any}))]
      (is (= 204 (:status (ask port "/?after=")))))))

(deftest refuses-what-it-does-not-know
  (is (thrown-with-msg? IllegalArgumentException #":kept" (topics/topics {:kept 1})))
  (is (thrown-with-msg? IllegalArgumentException #":keep is" (topics/topics {:keep "many"})))
  (with-open [chat (topics/topics)]
    (is (thrown-with-msg? IllegalArgumentException #"handler was given" (topics/subscribe chat {} "a")))
    (is (thrown-with-msg? IllegalArgumentException #"a string or a byte array" (topics/publish! chat "a" 1)))
    (let [failure (promise)]
      (with-server [port (fn [req]
                           (deliver failure (try (topics/subscribe chat req {:topics ["a"], :when-slow :never})
                                              (catch IllegalArgumentException e (.getMessage e))))
                           {:status 200})]
        (ask port "/")
        (is (re-find #":close, :latest, :skip" (await-value failure)))))))
