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
  (doseq [setter ["setReceiveHandler" "setCloseHandler" "setPingHandler" "setPongHandler" "setCloseRingHandler"]]
    (is (method? AsyncChannel Void/TYPE setter Object) setter))
  (is (method? HttpServer Integer/TYPE "getPort"))
  (is (method? HttpServer Boolean/TYPE "isAlive"))
  (is (method? HttpServer Boolean/TYPE "stop" Integer/TYPE))
  (is (method? HttpServer Boolean/TYPE "stop" Integer/TYPE Runnable))
  (is (method? HttpServer Void/TYPE "join"))
  (is (= ["RUNNING" "STOPPING" "STOPPED"]
         (map #(.name ^Enum %) (.getEnumConstants (.getReturnType (.getMethod HttpServer "getStatus" (make-array Class 0)))))))
  (is (method? ContextLogger Void/TYPE "log" Object Object))
  (is (method? EventLogger Void/TYPE "log" Object))
  (is (method? BytesInputStream (Class/forName "[B") "bytes"))
  (is (method? BytesInputStream Integer/TYPE "getCount"))
  (is (method? PrefixThreadFactory Thread "newThread" Runnable)))

(defn- constructor? [^Class class & parameters]
  (Modifier/isPublic (.getModifiers (.getConstructor class (into-array Class parameters)))))

(defn- field? [^Class class field type & modifiers]
  (let [found (.getField class field)]
    (and (= type (.getType found))
      (= (reduce bit-or (cons Modifier/PUBLIC modifiers)) (.getModifiers found)))))

(deftest classes-have-the-constructors-and-fields-that-compiled-programs-name
  (let [bytes (Class/forName "[B")]
    (is (constructor? BytesInputStream bytes Integer/TYPE))
    (is (constructor? PrefixThreadFactory String))
    (is (constructor? EventNames java.util.Map))
    (is (constructor? Frame$PingFrame bytes))
    (is (constructor? Frame$PongFrame bytes))
    (is (field? Frame$PingFrame "data" bytes Modifier/FINAL)))
  (is (isa? BytesInputStream java.io.InputStream))
  (is (isa? PrefixThreadFactory java.util.concurrent.ThreadFactory))
  (is (every? #(.isInterface ^Class %) [ContextLogger EventLogger]))
  (is (field? ContextLogger "ERROR_PRINTER" ContextLogger Modifier/FINAL Modifier/STATIC))
  (is (field? EventLogger "NOP" EventLogger Modifier/FINAL Modifier/STATIC))
  (is (field? EventNames "DEFAULT" EventNames Modifier/FINAL Modifier/STATIC))
  (doseq [event ["serverAcceptError" "serverLoopError" "serverWsDecodeError" "serverWsFrameError" "serverChannelCloseError"
                 "serverStatusPrefix" "serverStatus404" "serverStatus413" "serverStatus414" "serverStatus500" "serverStatus503"
                 "serverStatus503Todo" "clientImpossible"]]
    (is (field? EventNames event String Modifier/FINAL) event)))

(deftest bytes-input-stream
  (let [bytes  (.getBytes "hello!!")
        stream (BytesInputStream. bytes 5)]
    (is (= 5 (.getCount stream) (.available stream)))
    (is (= "BytesInputStream[len=5]" (str stream)))
    (is (= (int \h) (.read stream)))
    (.mark stream 100)
    (is (= "ello" (slurp stream)))
    (.reset stream)
    (is (= "ello" (slurp stream)))
    (is (= -1 (.read stream)))
    (is (= 5 (.getCount stream)))
    (testing "its bytes are a copy of those that count, whatever has been read"
      (is (= "hello" (String. (.bytes stream))))
      (is (not (identical? (.bytes stream) (.bytes stream)))))
    (testing "to ask for no bytes is no end"
      (is (= 0 (.read stream (byte-array 3) 1 0)))
      (is (= -1 (.read stream (byte-array 3) 1 1))))
    (testing "bounds are checked"
      (is (thrown? IndexOutOfBoundsException (.read stream (byte-array 3) 1 3)))
      (is (thrown? IndexOutOfBoundsException (BytesInputStream. bytes 8)))
      (is (thrown? IndexOutOfBoundsException (BytesInputStream. bytes -1))))))

(deftest a-large-buffer-of-which-little-counts-is-copied-that-far
  (is (= 1024 (alength (.bytes (BytesInputStream. (byte-array 8192) 1024))))))

(deftest prefix-thread-factory
  (let [factory (PrefixThreadFactory. "prefix-")
        threads (repeatedly 2 #(.newThread factory (fn [])))]
    (is (= ["prefix-1" "prefix-2"] (map #(.getName ^Thread %) threads)))
    (is (every? #(.isDaemon ^Thread %) threads))))

(deftest event-names
  (doseq [[event standard] {"serverAcceptError"       "httpkit.server.accept.error"
                            "serverLoopError"         "httpkit.server.loop.error"
                            "serverWsDecodeError"     "httpkit.server.ws.decode.error"
                            "serverWsFrameError"      "httpkit.server.ws.frame.error"
                            "serverChannelCloseError" "httpkit.server.channel.close.error"
                            "serverStatusPrefix"      "httpkit.server.status.processed."
                            "serverStatus404"         "httpkit.server.status.404"
                            "serverStatus413"         "httpkit.server.status.413"
                            "serverStatus414"         "httpkit.server.status.414"
                            "serverStatus500"         "httpkit.server.status.500"
                            "serverStatus503"         "httpkit.server.status.503"
                            "serverStatus503Todo"     "httpkit.server.status.503.todo"
                            "clientImpossible"        "httpkit.client.impossible"}
          :let [field (.getField EventNames event)]]
    (is (= standard (.get field EventNames/DEFAULT)))
    (is (= ["mine" standard] [(.get field (EventNames. {event "mine"})) (.get field (EventNames. {}))]))))

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
