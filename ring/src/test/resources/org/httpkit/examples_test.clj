(ns org.httpkit.examples-test
  "The examples do what they say."
  (:require [clojure.test      :refer [deftest is testing]]
            [examples.main     :as main]
            [org.httpkit.raw   :refer [ask connect read-text websocket]])
  (:import [org.httpkit.testkit RawClient]))

(defn- with-examples [f]
  (let [stop (main/start {:ip "127.0.0.1", :port 0, :error-logger (fn [_ _])})]
    (try
      (f (:local-port (meta stop)))
      (finally (stop)))))

(deftest there-is-a-page
  (with-examples
    (fn [port]
      (is (re-find #"<h1>httpkit in Clojure" (:body (ask port "/"))))
      (is (re-find #"EventSource" (:body (ask port "/page.js"))))
      (is (re-find #"defn handler" (:body (ask port "/source/chat.clj"))))
      (is (= 404 (:status (ask port "/source/main.clj"))))
      (is (= 404 (:status (ask port "/source/../page/page.js"))))
      (is (= 404 (:status (ask port "/nothing")))))))

(deftest a-chat-room
  (with-examples
    (fn [port]
      (with-open [one (websocket port "/chat")]
        (is (= "1 here" (read-text one)))
        (with-open [two (websocket port "/chat")]
          (is (= ["2 here" "2 here"] (map read-text [one two])))
          (.text two "hello")
          (is (= ["hello" "hello"] (map read-text [one two]))))
        (is (= "1 here" (read-text one)))))))

(deftest a-long-poll
  (with-examples
    (fn [port]
      (let [known (:body (ask port "/poll"))]
        (with-open [^RawClient client (connect port)]
          (.send client (str "GET /poll?known=" known " HTTP/1.1\r\nHost: a\r\n\r\n"))
          (let [deadline (+ (System/nanoTime) 10000000000)]
            (while (and (empty? @@#'examples.poll/waiting) (< (System/nanoTime) deadline))
              (Thread/yield)))
          (let [next (:body (ask port "POST" "/poll" {} nil))]
            (is (= (inc (Long/parseLong known)) (Long/parseLong next)))
            (is (= next (.text (.read client))))))))))

(deftest a-clock
  (with-examples
    (fn [port]
      (with-open [^RawClient client (connect port)]
        (.send client "GET /clock HTTP/1.1\r\nHost: a\r\n\r\n")
        (is (= "text/event-stream" (.field (.readHead client) "Content-Type")))
        (is (re-matches #"data: \d\d:\d\d(:\d\d)?\n\n" (String. (.readChunk client))))
        (is (re-find #"data: " (String. (.readChunk client))))))))

(deftest an-async-handler
  (with-examples
    (fn [port]
      (is (= "Half a second later." (:body (ask port "/later"))))
      (is (= 500 (:status (ask port "/later?fail")))))))
