(ns org.httpkit.ring.websocket
  "Ring's WebSocket listeners on our channels. Not for applications."
  {:no-doc true}
  (:require [ring.websocket.protocols :as ring])
  (:import [java.nio ByteBuffer]
           [org.httpkit.ring Handshakes RingServer]
           [org.httpkit.server AsyncChannel SendListener]))

(set! *warn-on-reflection* true)

(defn- buffer-bytes ^bytes [^ByteBuffer buffer]
  (let [bytes (byte-array (.remaining buffer))]
    (.get (.duplicate buffer) bytes)
    bytes))

(defn- ring-message [message]
  (if (instance? CharSequence message) (str message) message))

(defn- in-background
  "Callbacks of the application may block, so they are not called where bytes are sent."
  [f]
  (.execute ^java.util.concurrent.Executor clojure.lang.Agent/soloExecutor f))

(extend-type AsyncChannel
  ring/Socket
  (-open? [ch] (.isOpen ch))
  (-send [ch message] (.send ch (ring-message message)) nil)
  (-ping [ch data] (.ping ch (buffer-bytes data)) nil)
  (-pong [ch data] (.pong ch (buffer-bytes data)) nil)
  (-close [ch code reason] (.serverClose ch (int code) ^String reason) nil)

  ring/AsyncSocket
  (-send-async [ch message succeed fail]
    (try
      (.trySend ch (ring-message message) false
        (reify SendListener
          (done [_ failure]
            (in-background (if failure (fn [] (fail failure)) succeed)))))
      nil
      (catch Exception e (fail e)))))

(defn- listener-opts
  "What `as-channel` needs to serve a listener."
  [listener protocol]
  (let [pings?  (satisfies? ring/PingListener listener)
        guarded (fn [ch call]
                  (try
                    (call)
                    (catch Throwable e
                      (ring/on-error listener ch e)
                      (throw e))))]
    {:protocols  (when protocol [protocol])
     ;; Not before: a refusal ends the channel, and the listener of a WebSocket that never was must not hear of it.
     :org.httpkit.server/checked
     (fn [^AsyncChannel ch]
       (.setCloseRingHandler ch (fn [code reason] (ring/on-close listener ch code reason)))
       (.setPongHandler ch (fn [data] (guarded ch #(ring/on-pong listener ch (ByteBuffer/wrap data)))))
       (when pings? (.answerPings (RingServer/callbacks ch))))
     :on-open    (fn [ch] (guarded ch #(ring/on-open listener ch)))
     :on-receive (fn [ch message]
                   (guarded ch #(ring/on-message listener ch (if (bytes? message) (ByteBuffer/wrap message) message))))
     :on-ping    (when pings?
                   (fn [ch data] (guarded ch #(ring/on-ping listener ch (ByteBuffer/wrap data)))))}))

(defn response
  "The response for one that has a listener."
  [as-channel ring-req resp]
  (if (:websocket? ring-req)
    (as-channel ring-req (listener-opts (:ring.websocket/listener resp) (:ring.websocket/protocol resp)))
    (Handshakes/otherVersion)))
