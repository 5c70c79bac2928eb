(ns org.httpkit.response-test
  "What becomes of what a handler returns."
  (:require [clojure.java.io    :as io]
            [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask ask-on await-value connect with-server]]
            [org.httpkit.server :as hk])
  (:import [java.io ByteArrayInputStream File IOException InputStream]
           [java.nio ByteBuffer]
           [java.nio.file Files]
           [org.httpkit.testkit RawClient]))

(defn- answer
  "The response to a request whose handler returns that."
  ([returned] (answer returned {}))
  ([returned opts]
   (with-server [port (fn [_] returned) opts]
     (ask port "/"))))

(def ^:private quiet {:error-logger (fn [_ _])})

(deftest sends-strings-as-utf-8
  (let [resp (answer {:status 200, :headers {"Content-Type" "text/html; charset=iso-8859-1"}, :body "é€"})]
    (is (= "é€" (:body resp)))
    (is (= "5" (get-in resp [:headers "Content-Length"])))
    (is (= "text/html; charset=iso-8859-1" (get-in resp [:headers "Content-Type"])))
    (is (= "http-kit" (get-in resp [:headers "Server"])))))

(deftest sends-each-kind-of-body
  (let [file (doto (File/createTempFile "body" ".txt") (spit "of a file") (.deleteOnExit))]
    (doseq [[body expected] [["text" "text"]
                             [nil ""]
                             [(.getBytes "bytes") "bytes"]
                             [(ByteBuffer/wrap (.getBytes "buffer")) "buffer"]
                             [(ByteArrayInputStream. (.getBytes "stream")) "stream"]
                             [(list "a" "b" 3) "ab3"]
                             [(list "a" nil \b :c (.getBytes "d")) "ab:cd"]
                             [(map str (range 5)) "01234"]
                             [["x" "y"] "xy"]
                             [() ""]
                             [file "of a file"]
                             [(.toPath file) "of a file"]]]
      (testing (str (class body))
        (is (= {:status 200, :body expected} (select-keys (answer {:status 200, :body body}) [:status :body])))))
    (.delete file)))

(deftest large-files-are-mapped-into-memory
  (let [property "org.http-kit.memmap-file-threshold"
        maps     (io/file "/proc/self/maps")
        mapped?  (fn [^File file] (.contains (Files/readString (.toPath maps)) (.getName file)))]
    (doseq [[threshold mib expected] [[nil 20 false] [nil 21 true] ["19" 20 true]]]
      (let [bytes (* mib 1024 1024)
            file  (doto (File/createTempFile "large" ".bin") (.deleteOnExit))]
        (when threshold (System/setProperty property threshold))
        (try
          (with-open [space (java.io.RandomAccessFile. file "rw")] (.setLength space bytes))
          (with-server [port (fn [_] {:status 200, :body file})]
            (with-open [client (RawClient/connect (int port) (int 65536))]
              (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
              (.readHead client)
              (.readBytes client 1000000)
              (when (.exists maps)
                (is (= expected (mapped? file)) (str mib " MiB at " threshold)))
              (is (every? zero? (.readBytes client (- bytes 1000000))))))
          (finally (System/clearProperty property) (.delete file)))))))

(deftest invents-nothing
  (is (nil? (get-in (answer {:status 200, :body "x"}) [:headers "Content-Type"])))
  (is (= 200 (:status (answer {:body "x"}))) "the status is 200 unless it is given")
  (is (= 200 (:status (answer {:status nil, :headers nil, :body nil}))))
  (is (= 201 (:status (answer {:status (int 201)})) (:status (answer {:status 201N})))))

(deftest nil-is-404
  (is (= {:status 404, :body ""} (select-keys (answer nil) [:status :body]))))

(deftest writes-headers-as-they-are-given
  (let [fields (.fields ^org.httpkit.testkit.RawResponse
                 (:raw (answer {:status  204
                                :headers {"ETag" "\"1\"", "x-lower" "v", "Set-Cookie" ["a=1" "b=2"], "X-Nil" nil
                                          "X-Number" 5, :x-keyword "k", 'x-symbol "s", "X-Seq" (map str [1 nil 2])}})))
        pairs  (set (map (fn [^org.httpkit.testkit.RawResponse$Field f] [(.name f) (.value f)]) fields))]
    (is (every? pairs [["ETag" "\"1\""] ["x-lower" "v"] ["Set-Cookie" "a=1"] ["Set-Cookie" "b=2"] ["X-Number" "5"]
                       ["x-keyword" "k"] ["x-symbol" "s"] ["X-Seq" "1"] ["X-Seq" "2"]]))
    (is (not-any? #{"X-Nil"} (map first pairs)))))

(deftest text-in-headers-goes-as-utf-8
  (let [text "/søk?q=日本 é"
        told #(String. (.getBytes ^String (get-in % [:headers "Location"]) "ISO-8859-1") "UTF-8")
        resp {:status 302, :headers {"Location" text}}]
    (is (= [302 text] ((juxt :status told) (answer resp))))
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch resp))}))]
      (is (= [302 text] ((juxt :status told) (ask port "/")))))))

(deftest one-header-map-serves-many-responses
  (let [headers {"X-A" "1"}]
    (with-server [port (fn [req] {:status 200, :headers (if (= "/b" (:uri req)) {"X-A" "2"} headers)})]
      (with-open [client (connect port)]
        (doseq [[path expected] [["/a" "1"] ["/b" "2"] ["/a" "1"] ["/b" "2"]]]
          (is (= expected (get-in (ask-on client path) [:headers "X-A"]))))))))

(deftest what-cannot-be-sent-is-500-and-told
  (doseq [returned [{:status 200, :body 42}
                    {:status 200, :body {:a 1}}
                    {:status 200, :headers {"X" "a\r\nInjected: 1"}}
                    {:status 200, :headers "none"}
                    {:status "200"}
                    {:status 99}
                    "text"
                    42]]
    (testing (pr-str returned)
      (let [told (promise)
            resp (answer returned {:error-logger (fn [message failure] (deliver told [message failure]))})]
        (is (= 500 (:status resp)))
        (is (= ["GET /" IllegalArgumentException] (update (await-value told) 1 class)))))))

(deftest a-handler-that-throws-is-500-and-told
  (let [told   (promise)
        thrown (ex-info "secret" {})]
    (with-server [port (fn [_] (throw thrown)) {:error-logger (fn [message failure] (deliver told [message failure]))}]
      (let [resp (ask port "/a/b?c=d")]
        (is (= 500 (:status resp)))
        (is (not (.contains ^String (:body resp) "secret")))
        (is (= ["GET /a/b" thrown] (await-value told)))))))

(deftest whatever-is-thrown-is-answered-and-told
  (doseq [dispatch [:worker :inline :adaptive]
          thrown   [(Throwable. "neither exception nor error") (java.io.IOException. "checked") (AssertionError. "error")]]
    (testing (str dispatch " " (class thrown))
      (let [told (promise)]
        (with-server [port (fn [_] (throw thrown))
                      {:dispatch     dispatch
                       :error-logger (fn [_ failure] (deliver told failure) (throw (java.io.IOException. "from the logger")))}]
          (is (= 500 (:status (ask port "/"))))
          (is (identical? thrown (await-value told))))))))

(deftest sequences-are-sent-as-they-come
  (let [third (promise)]
    (with-server [port (fn [_] {:status 200, :body (lazy-cat ["one"] ["two"] [(do (deref third 10000 nil) "three")])})]
      (with-open [client (connect port)]
        (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        (is (= "chunked" (.field (.readHead client) "Transfer-Encoding")))
        (is (= "one" (String. (.readChunk client))))
        (is (= "two" (String. (.readChunk client))))
        (deliver third true)
        (is (= "three" (String. (.readChunk client))))))))

(deftest an-endless-sequence-takes-no-memory
  (let [piece   (apply str (repeat 10000 \x))
        counted (atom 0)]
    (with-server [port (fn [_] {:status 200, :body (map (fn [_] (swap! counted inc) (str piece)) (range))})]
      (with-open [client (connect port)]
        (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        (.readHead client)
        (dotimes [_ 100] (.readChunk client))
        (is (<= 100 @counted))))))

(deftest streams-are-closed
  (let [closed (promise)
        stream (proxy [InputStream] []
                 (read ([] -1) ([_] -1) ([_ _ _] -1))
                 (close [] (deliver closed true)))]
    (is (= "" (:body (answer {:status 200, :body stream}))))
    (is (true? (await-value closed))))
  (testing "also those that nobody wants"
    (doseq [[method status] [["HEAD" 200] ["GET" 204] ["GET" 304]]]
      (let [closed (promise)]
        (with-server [port (fn [_] {:status status, :body (proxy [InputStream] [] (read ([] 1)) (close [] (deliver closed true)))})]
          (is (= [status ""] ((juxt :status :body) (ask port method "/" {} nil))))
          (is (true? (await-value closed)) (str method status)))))))

(deftest the-stream-of-a-response-that-is-refused-is-closed
  (doseq [response [{:status "200"} {:status 99} {:status 200, :headers "none"} {:status 200, :headers {5 "x"}}
                    {:status 200, :headers {"X" "a\nb"}}]
          async?   [false true]]
    (testing (pr-str response async?)
      (let [closed (promise)
            full   (assoc response :body (proxy [InputStream] []
                                           (read ([] -1) ([_ _ _] -1))
                                           (close [] (deliver closed true))))]
        (with-server [port (if async? (fn [_ respond _] (respond full)) (fn [_] full)) (assoc quiet :ring-async? async?)]
          (is (= 500 (:status (ask port "/"))))
          (is (true? (await-value closed))))))))

(deftest a-declared-length-of-a-stream-is-told
  (let [resp (answer {:status 200, :headers {"Content-Length" "3"}
                      :body   (proxy [InputStream] []
                                (read ([] (int \x)) ([b] (aset-byte b 0 120) 1) ([b off _] (aset-byte b off 120) 1)))})]
    (is (= "xxx" (:body resp)))
    (is (= "3" (get-in resp [:headers "Content-Length"])))))

(deftest a-request-body-can-be-sent-back
  (with-server [port (fn [req] {:status 200, :body (:body req)})]
    (is (= ["3" "abc"] ((juxt #(get-in % [:headers "Content-Length"]) :body) (ask port "POST" "/" {} "abc"))))))

(deftest head-has-the-length-that-get-would-have
  (with-server [port (fn [_] {:status 200, :body "12345"})]
    (is (= ["5" ""] ((juxt #(get-in % [:headers "Content-Length"]) :body) (ask port "HEAD" "/" {} nil))))))

(deftest an-option-says-whose-length-head-has
  (let [length (fn [opts returned]
                 (for [handler [(fn [_] returned)
                                (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch returned))}))]]
                   (with-server [port handler opts]
                     (let [resp (ask port "HEAD" "/" {} nil)]
                       [(:body resp) (get-in resp [:headers "Content-Length"])]))))
        claims {:status 200, :headers {"Content-Length" "42"}}]
    (doseq [[opts returned expected]
            [[{}                               claims                      "42"]
             [{}                               (assoc claims :body "123")  "3"]
             [{}                               {:status 200}               nil]
             [{:legacy-content-length? true}   claims                      "0"]
             [{:legacy-content-length? true}   (assoc claims :body "123")  "3"]
             [{:legacy-content-length? true}   {:status 200}               "0"]
             [{:legacy-content-length? false}  claims                      "42"]
             [{:legacy-content-length? false}  (assoc claims :body "123")  "42"]
             [{:legacy-content-length? false}  {:status 200, :body "123"}  "3"]]]
      (is (= [["" expected] ["" expected]] (length opts returned)) (pr-str opts returned))))
  (testing "other methods have what is sent"
    (doseq [opts [{} {:legacy-content-length? true} {:legacy-content-length? false}]]
      (let [resp (answer {:status 200, :headers {"Content-Length" "42"}, :body "123"} opts)]
        (is (= ["3" "123"] [(get-in resp [:headers "Content-Length"]) (:body resp)])))))
  (testing "a stream whose length the handler says is closed"
    (let [closed (promise)
          stream (proxy [InputStream] [] (read ([] -1) ([_] -1) ([_ _ _] -1)) (close [] (deliver closed true)))]
      (with-server [port (fn [_] {:status 200, :headers {"Content-Length" "42"}, :body stream}) {:legacy-content-length? false}]
        (is (= "42" (get-in (ask port "HEAD" "/" {} nil) [:headers "Content-Length"])))
        (is (true? (await-value closed)))))))

(deftest the-server-header-can-be-changed
  (is (= "mine" (get-in (answer {} {:server-header "mine"}) [:headers "Server"])))
  (is (nil? (get-in (answer {} {:server-header nil}) [:headers "Server"]))))

(deftest async-handlers-respond-or-raise
  (let [told (promise)]
    (with-server [port (fn [req respond raise]
                         (case (:uri req)
                           "/now"    (respond {:status 200, :body "now"})
                           "/later"  (do (future (respond {:status 200, :body "later"})) {:status 500})
                           "/nil"    (respond nil)
                           "/raise"  (future (raise (ex-info "raised" {})))
                           "/throw"  (throw (ex-info "thrown" {}))
                           "/twice"  (do (respond {:status 200, :body "first"}) (respond {:status 200, :body "second"})
                                         (raise (ex-info "too late" {})))
                           "/bad"    (future (respond {:body 42}))
                           "/checked" (future (respond {:status 200, :headers {"X" (lazy-seq (throw (IOException.)))}}))
                           "/channel" (respond (hk/as-channel req {:on-open (fn [ch] (hk/send! ch "by channel"))}))))
                  {:ring-async? true, :error-logger (fn [message failure] (deliver told [message (ex-message failure)]))}]
      (is (= [200 "now"] ((juxt :status :body) (ask port "/now"))))
      (is (= [200 "later"] ((juxt :status :body) (ask port "/later"))))
      (is (= 404 (:status (ask port "/nil"))))
      (is (= [200 "first"] ((juxt :status :body) (ask port "/twice"))))
      (is (= [200 "by channel"] ((juxt :status :body) (ask port "/channel"))))
      (is (= 500 (:status (ask port "/raise"))))
      (is (= ["GET /raise" "raised"] (await-value told)))
      (is (= 500 (:status (ask port "/throw"))))
      (is (= 500 (:status (ask port "/bad"))))
      (is (= 500 (:status (ask port "/checked")))))))
