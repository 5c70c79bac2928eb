(ns org.httpkit.raw
  "A raw client for tests, and servers that end with the test."
  (:require [org.httpkit.server :as hk])
  (:import [java.util.concurrent.locks LockSupport]
           [org.httpkit.testkit RawClient RawResponse RawResponse$Field RawWebSocket RawWebSocket$Frame]))

(defmacro with-server
  "Runs the body with `port` bound to the port of a server for this handler."
  [[port handler opts] & body]
  `(let [stop# (hk/run-server ~handler (merge {:ip "127.0.0.1", :port 0} ~opts))
         ~port (:local-port (meta stop#))]
     (try
       ~@body
       (finally (stop#)))))

(defn connect ^RawClient [port]
  (RawClient/connect (int port)))

(defn request-text [method path headers body]
  (str method " " path " HTTP/1.1\r\n"
    (when-not (contains? headers "Host") "Host: test\r\n")
    (apply str (for [[k v] headers] (str k ": " v "\r\n")))
    (when body (str "Content-Length: " (count body) "\r\n"))
    "\r\n" body))

(defn- field-map [^RawResponse response]
  (into {} (for [^RawResponse$Field field (.fields response)] [(.name field) (.value field)])))

(defn- response-map [^RawResponse response]
  {:status (.status response), :headers (field-map response), :body (.text response), :raw response})

(defn ask
  "One request on a fresh connection."
  ([port path] (ask port "GET" path {} nil))
  ([port method path headers body]
   (with-open [client (connect port)]
     (.send client ^String (request-text method path headers body))
     (response-map (if (= "HEAD" method) (.readToHeadRequest client) (.read client))))))

(defn ask-on
  "One request on that connection."
  ([client path] (ask-on client "GET" path {} nil))
  ([^RawClient client method path headers body]
   (.send client ^String (request-text method path headers body))
   (response-map (.read client))))

(defn websocket
  ^RawWebSocket [port path & field-lines]
  (RawWebSocket/open (connect port) path (into-array String field-lines)))

(defn read-text [^RawWebSocket socket]
  (.text (.read socket)))

(defn await-value
  "The value of a promise, or :none after ten seconds."
  [p]
  (deref p 10000 :none))

(defn await-that
  "Waits until the function returns something true, for ten seconds at most; returns whether it did."
  [f]
  (let [deadline (+ (System/nanoTime) 10000000000)]
    (loop []
      (cond
        (f)                            true
        (< deadline (System/nanoTime)) false
        :else                          (do (LockSupport/parkNanos 1000000) (recur))))))
