(ns org.httpkit.examples-test
  "The examples do what they say."
  (:require [clojure.test    :refer [deftest is]]
            [examples.main   :as main]
            [org.httpkit.raw :refer [ask connect read-text websocket]])
  (:import [org.httpkit.testkit RawClient]))

(defn- with-examples [f]
  (let [stop (main/start {:ip "127.0.0.1", :port 0, :error-logger (fn [_ _])})]
    (try
      (f (:local-port (meta stop)))
      (finally (stop)))))

(defn- asked [port path]
  (let [{:keys [status headers body]} (ask port path)]
    [status (get headers "Content-Type") body]))

(deftest there-is-a-page-and-nothing-of-it-comes-from-elsewhere
  (with-examples
    (fn [port]
      (let [{:keys [headers body]} (ask port "/")]
        (is (re-find #"<h1>httpkit in Clojure" body))
        (is (= "default-src 'self'" (get headers "Content-Security-Policy")))
        (is (not (re-find #"https?://" body)))))))

(deftest everything-that-the-page-loads-is-there
  (with-examples
    (fn [port]
      (loop [open (map second (re-seq #"(?:href|src)=\"(/page/[^\"]*)\"" (:body (ask port "/"))))
             seen #{}]
        (if-let [path (first open)]
          (let [[status content-type body] (asked port path)
                imported                   (for [[_ file] (re-seq #"from \"\./([^\"]+)\"" body)] (str "/page/" file))]
            (is (= 200 status) path)
            (is (= (get {"css" "text/css; charset=utf-8", "js" "text/javascript; charset=utf-8", "svg" "image/svg+xml"}
                     (re-find #"[a-z]+$" path))
                   content-type)
              path)
            (recur (concat (rest open) (remove seen imported)) (conj seen path)))
          (is (every? seen ["/page/icon.svg" "/page/tour.css" "/page/page.css" "/page/page.js" "/page/source.js"])))))))

(deftest each-source-opens-as-text
  (with-examples
    (fn [port]
      (doseq [[_ file] (re-seq #"data-file=\"([^\"]+)\"" (:body (ask port "/")))]
        (let [{:keys [status headers body]} (ask port (str "/source/" file))]
          (is (= [200 "text/plain; charset=utf-8"] [status (get headers "Content-Type")]) file)
          (is (nil? (get headers "Content-Disposition")))
          (is (re-find #"\(ns examples\.\w+" body)))))))

(deftest no-other-file-can-be-read
  (with-examples
    (fn [port]
      (doseq [path ["/source/nothing.clj" "/source/../page/page.js" "/source/..%2Fpage%2Fpage.js" "/source/" "/page/"
                    "/source/x/../main.clj" "/page/index.html" "/page/../examples/main.clj" "/page/nothing.js" "/nothing"]]
        (is (= 404 (:status (ask port path))) path)))))

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
      (let [known (:body (ask port "/count"))]
        (with-open [^RawClient client (connect port)]
          (.send client (str "GET /count?known=" known " HTTP/1.1\r\nHost: a\r\n\r\n"))
          (let [deadline (+ (System/nanoTime) 10000000000)]
            (while (and (empty? @@#'examples.poll/waiting) (< (System/nanoTime) deadline))
              (Thread/yield)))
          (let [next (:body (ask port "POST" "/count" {} nil))]
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
