(ns org.httpkit.http2-test
  "Requests, channels and WebSockets on streams of HTTP/2."
  (:require [clojure.test       :refer [deftest is]]
            [org.httpkit.raw    :refer [await-value]]
            [org.httpkit.server :as hk])
  (:import [org.httpkit.server HttpServer]
           [org.httpkit.testkit RawHttp2 RawHttp2$Answer RawWebSocket]))

(defn- with-http2
  "Calls f with a client of HTTP/2, connected to a server for this handler."
  [handler f]
  (let [^HttpServer server (hk/run-server handler {:ip "127.0.0.1", :port 0, :legacy-return-value? false})]
    (try
      (with-open [client (RawHttp2/connect server (int-array 0))]
        (f client))
      (finally @(hk/server-stop! server {:timeout 100})))))

(defn- strings ^"[Ljava.lang.String;" [& all]
  (into-array String all))

(deftest a-request-is-a-map-as-of-any-other-version
  (let [seen (promise)]
    (with-http2
      (fn [req]
        (deliver seen (update req :body slurp))
        {:status 201, :headers {"X-Answer" "yes"}, :body "hello"})
      (fn [^RawHttp2 client]
        (let [id                      (.post client "/path?a=b" "body" (strings "x-asked" "why" "cookie" "a=1" "cookie" "b=2"))
              ^RawHttp2$Answer answer (.await client id)
              req                     (await-value seen)]
          (is (= [201 "yes" "hello"] [(.status answer) (.field answer "x-answer") (.text answer)]))
          (is (= {:request-method :post, :uri "/path", :query-string "a=b", :protocol "HTTP/2.0", :scheme :http
                  :body           "body", :websocket? false, :server-name "localhost"}
                (select-keys req [:request-method :uri :query-string :protocol :scheme :body :websocket? :server-name])))
          (is (= {"host" "localhost", "x-asked" "why", "cookie" "a=1; b=2"} (select-keys (:headers req) ["host" "x-asked" "cookie"]))))))))

(deftest requests-on-one-connection-do-not-wait-for-each-other
  (let [release (promise)]
    (with-http2
      (fn [req] {:body (if (= "/slow" (:uri req)) (await-value release) "quick")})
      (fn [^RawHttp2 client]
        (let [slow  (.get client "/slow" (strings))
              quick (.get client "/quick" (strings))]
          (is (= "quick" (.text (.await client quick))))
          (deliver release "at last")
          (is (= "at last" (.text (.await client slow)))))))))

(deftest a-channel-streams-until-its-client-cancels
  (let [channel (promise)
        closed  (promise)]
    (with-http2
      (fn [req]
        (hk/as-channel req {:on-open  (fn [ch] (deliver channel ch) (hk/send! ch {:status 202, :body "begun"} false))
                            :on-close (fn [_ status] (deliver closed status))}))
      (fn [^RawHttp2 client]
        (let [id (.get client "/" (strings))]
          (is (= 202 (.status (.awaitHead client id))))
          (hk/send! (await-value channel) ", and goes on" false)
          (is (= "begun, and goes on" (.text (.awaitContent client id 18))))
          (.reset client id 8)
          (is (not= :none (await-value closed)))
          (is (false? (hk/send! (await-value channel) "nobody" false))))))))

(deftest a-websocket-is-a-stream
  (let [seen   (promise)
        closed (promise)]
    (with-http2
      (fn [req]
        (deliver seen req)
        (hk/as-channel req {:on-receive (fn [ch message] (hk/send! ch (str "echo of " message)))
                            :on-close   (fn [_ status] (deliver closed status))}))
      (fn [^RawHttp2 client]
        (let [id (.open client false
                   (RawHttp2/block
                     (strings ":method" "CONNECT" ":protocol" "websocket" ":scheme" "http" ":authority" "localhost"
                       ":path" "/chat" "sec-websocket-version" "13")))]
          (is (= 200 (.status (.awaitHead client id))))
          (is (= [true "HTTP/2.0" "/chat"] ((juxt :websocket? :protocol :uri) (await-value seen))))
          (.data client id false (RawWebSocket/masked true 0 RawWebSocket/TEXT (.getBytes "me") 1))
          (let [frame (vec (.body (.awaitContent client id 12)))]
            (is (= [-127 10] (take 2 frame)))
            (is (= "echo of me" (String. (byte-array (drop 2 frame))))))
          (.reset client id 8)
          (is (not= :none (await-value closed))))))))
