(ns org.httpkit.names-test
  "The Java names that programs, and http-kit's own client, link to."
  (:require [clojure.test :refer [deftest is testing]])
  (:import [java.lang.reflect Modifier]
           [org.httpkit BytesInputStream PrefixThreadFactory]
           [org.httpkit.logger ContextLogger EventLogger EventNames]
           [org.httpkit.server AsyncChannel Frame$PingFrame Frame$PongFrame HttpServer]))

(deftest a-channel-is-a-class
  (is (not (.isInterface AsyncChannel)))
  (is (Modifier/isPublic (.getModifiers AsyncChannel))))

(defn- method? [^Class class returned method & parameters]
  (= returned (.getReturnType (.getMethod class method (into-array Class parameters)))))

(deftest methods-have-the-signatures-that-compiled-programs-call
  (is (method? AsyncChannel Boolean/TYPE "isClosed"))
  (is (method? AsyncChannel Boolean/TYPE "isWebSocket"))
  (is (method? AsyncChannel Boolean/TYPE "hasCloseHandler"))
  (is (method? AsyncChannel Boolean/TYPE "send" Object Boolean/TYPE))
  (is (method? AsyncChannel Boolean/TYPE "serverClose" Integer/TYPE))
  (is (method? AsyncChannel Boolean/TYPE "serverClose" Integer/TYPE String))
  (is (method? AsyncChannel Void/TYPE "sendHandshake" java.util.Map))
  (is (method? HttpServer Integer/TYPE "getPort"))
  (is (method? HttpServer Boolean/TYPE "isAlive"))
  (is (method? HttpServer Boolean/TYPE "stop" Integer/TYPE Runnable))
  (is (method? HttpServer Void/TYPE "join"))
  (is (method? ContextLogger Void/TYPE "log" Object Object))
  (is (method? EventLogger Void/TYPE "log" Object)))

(deftest bytes-input-stream
  (let [bytes  (.getBytes "hello!!")
        stream (BytesInputStream. bytes 5)]
    (is (identical? bytes (.bytes stream)))
    (is (= 5 (.getCount stream) (.available stream)))
    (is (= (int \h) (.read stream)))
    (.mark stream 100)
    (is (= "ello" (slurp stream)))
    (.reset stream)
    (is (= "ello" (slurp stream)))
    (is (= -1 (.read stream)))
    (is (= 5 (.getCount stream)))))

(deftest prefix-thread-factory
  (let [factory (PrefixThreadFactory. "prefix-")
        threads (repeatedly 2 #(.newThread factory (fn [])))]
    (is (= ["prefix-1" "prefix-2"] (map #(.getName ^Thread %) threads)))
    (is (every? #(.isDaemon ^Thread %) threads))))

(deftest event-names
  (is (= "httpkit.server.accept.error" (.serverAcceptError EventNames/DEFAULT)))
  (is (= "httpkit.server.status.processed." (.serverStatusPrefix EventNames/DEFAULT)))
  (is (= "httpkit.client.impossible" (.clientImpossible EventNames/DEFAULT)))
  (let [names (EventNames. {"serverStatus404" "lost"})]
    (is (= "lost" (.serverStatus404 names)))
    (is (= "httpkit.server.status.413" (.serverStatus413 names)))))

(deftest loggers
  (is (nil? (.log EventLogger/NOP "event")))
  (let [err (java.io.ByteArrayOutputStream.)
        out System/err]
    (System/setErr (java.io.PrintStream. err))
    (try
      (.log ContextLogger/ERROR_PRINTER "message" (ex-info "failure" {}))
      (.log ContextLogger/ERROR_PRINTER "alone" nil)
      (finally (System/setErr out)))
    (is (re-find #"(?s)message.*failure.*alone" (str err)))))

(deftest frames
  (is (= [1] (vec (.data (Frame$PingFrame. (byte-array [1]))))))
  (is (= [2] (vec (.data (Frame$PongFrame. (byte-array [2])))))))

(deftest what-http-kits-client-brings-itself-is-not-here
  (doseq [name ["HeaderMap" "DynamicBytes" "HttpUtils" "HttpMethod" "HttpVersion" "HttpStatus"]]
    (is (thrown? ClassNotFoundException (Class/forName (str "org.httpkit." name)))))
  (is (nil? (clojure.java.io/resource "org/httpkit/utils.clj")))
  (is (nil? (clojure.java.io/resource "org/httpkit/encode.clj"))))
