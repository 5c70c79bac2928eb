(ns org.httpkit.ring.options
  "The options of `run-server` and `new-worker`, as those of the Java API's builders. Not for applications."
  {:no-doc true}
  (:require [clojure.java.io :as io])
  (:import [java.net SocketAddress]
           [java.nio.channels ServerSocketChannel]
           [java.nio.file.attribute PosixFilePermissions]
           [java.util.concurrent Executor]
           [org.httpkit.logger ContextLogger EventLogger EventNames]
           [org.httpkit.ring BuilderOptions RingObserver]
           [org.httpkit.server HttpServer$Builder ListenerFactory ProxyProtocol ServerObserver WhenFull Worker
            Worker$Builder Worker$QueueType]))

(set! *warn-on-reflection* true)

(defn must-be
  "Refuses the value of an option."
  [k value what]
  (throw (IllegalArgumentException. (str k " is " (pr-str value) "; it must be " what))))

(defn- whole [k x]
  (if (number? x) (long x) (must-be k x "a number")))

(defn- at-most
  "Programs that want no limit give the largest number they know."
  [limit k x]
  (min (long (whole k x)) (long limit)))

(def ^:private largest-array (- Integer/MAX_VALUE 8))

(defn- number-of [k x]
  (at-most Integer/MAX_VALUE k x))

(defn worker-prefix
  "What the names of a worker's threads begin with."
  ^String [{:keys [prefix worker-name-prefix pool-opts]}]
  (str (or (:prefix pool-opts) prefix worker-name-prefix "http-kit-server-worker-")))

(defn when-full-of
  "What becomes of a `send!` when too much waits."
  ^WhenFull [k]
  (case k
    :close  WhenFull/CLOSE
    :reject WhenFull/REJECT
    :block  WhenFull/BLOCK
    (must-be :when-full k "one of :close, :reject, :block")))

(defn worker-builder
  "The builder for the options of `new-worker`, those of earlier versions among them."
  ^Worker$Builder [opts]
  (let [{:keys [queue-size n-min-threads n-max-threads n-threads queue-type prefix allow-virtual?
                thread worker-name-prefix pool-opts]} opts
        {:keys [queue-size n-min-threads n-max-threads n-threads queue-type prefix allow-virtual?]
         :or   {queue-size     queue-size
                n-min-threads  n-min-threads
                n-max-threads  n-max-threads
                n-threads      (or n-threads thread)
                queue-type     queue-type
                prefix         (or prefix worker-name-prefix)
                allow-virtual? (if (nil? allow-virtual?) true allow-virtual?)}} pool-opts
        builder (Worker/builder)]
    (when n-threads (.threads builder (int (number-of :n-threads n-threads))))
    (when n-min-threads (.minThreads builder (int (number-of :n-min-threads n-min-threads))))
    (when n-max-threads (.maxThreads builder (int (number-of :n-max-threads n-max-threads))))
    (when queue-size (.queueSize builder (int (number-of :queue-size queue-size))))
    (when prefix (.prefix builder (str prefix)))
    (case queue-type
      nil     nil
      :array  (.queueType builder Worker$QueueType/ARRAY)
      :linked (.queueType builder Worker$QueueType/LINKED)
      (must-be :queue-type queue-type ":array or :linked"))
    (.allowVirtual builder (boolean allow-virtual?))))

(def ^:private worker-keys
  #{:queue-size :n-min-threads :n-max-threads :n-threads :queue-type :prefix :allow-virtual?
    :thread :worker-name-prefix :pool-opts})

(def ^:private server-keys
  #{:ip :port :max-body :max-ws :max-line :proxy-protocol :worker-pool :error-logger :warn-logger :event-logger
    :event-names :legacy-return-value? :legacy-unsafe-remote-addr? :legacy-content-length? :server-header
    :address-finder :channel-factory :ring-async? :unix-socket-permissions :allowed-origins :close-on-failure?})

(defn- builder-keys []
  (map keyword (BuilderOptions/names)))

(defn- context-logger ^ContextLogger [k f]
  (cond
    (nil? f)                    nil
    (instance? ContextLogger f) f
    (not (ifn? f))              (must-be k f "a function of message and exception")
    :else                       (reify ContextLogger (log [_ message failure] (f message failure)))))

(defn- event-logger-of ^EventLogger [f]
  (cond
    (nil? f)                  EventLogger/NOP
    (instance? EventLogger f) f
    (not (ifn? f))            (must-be :event-logger f "a function of an event's name")
    :else                     (reify EventLogger (log [_ event] (f event)))))

(defn- event-names-of ^EventNames [names]
  (cond
    (nil? names)                 EventNames/DEFAULT
    (instance? EventNames names) names
    (map? names)                 (EventNames.
                                   (into {}
                                     (for [[event named] names]
                                       [(name event) (if (instance? clojure.lang.Named named) (name named) (str named))])))
    :else                        (must-be :event-names names "a map or EventNames")))

(def ^:private names-elsewhere
  "What other servers call an option, where no likeness would lead to ours."
  {"host" "ip", "hostname" "ip", "address" "ip", "async?" "ring-async?", "executor" "worker-pool", "thread-pool" "worker-pool"})

(defn- warn-of-unknown-keys [opts ^ContextLogger warnings]
  (let [known (into (into server-keys worker-keys) (builder-keys))]
    (doseq [k (keys opts) :when (not (contains? known k))]
      (let [text    (if (instance? clojure.lang.Named k) (name k) (str k))
            nearest (or (names-elsewhere text) (BuilderOptions/nearest text (sort (map name known))))
            message (str "run-server has no option " (pr-str k) "; the nearest that it has is :" nearest)]
        (if warnings
          (.log warnings message nil)
          (.log (System/getLogger "org.httpkit.server") java.lang.System$Logger$Level/WARNING ^String message))))))

(defn- set-address! [^HttpServer$Builder builder {:keys [ip port address-finder channel-factory unix-socket] :as opts}]
  (cond
    address-finder (.address builder ^SocketAddress (address-finder))
    unix-socket    (when-let [permissions (:unix-socket-permissions opts)]
                     (.unixSocket builder (.toPath (io/file unix-socket))
                       (if (string? permissions) (PosixFilePermissions/fromString permissions) (set permissions))))
    :else          (.address builder (str (or ip "0.0.0.0")) (int (number-of :port (or port 8090)))))
  (when channel-factory
    (.listener builder
      (reify ListenerFactory
        (open [_ address] ^ServerSocketChannel (channel-factory address))))))

(defn- set-worker! [^HttpServer$Builder builder {:keys [worker-pool] :as opts}]
  (let [pool (if (delay? worker-pool) (force worker-pool) worker-pool)]
    (cond
      (instance? Executor pool)              (.worker builder ^Executor pool)
      (some? pool)                           (must-be :worker-pool pool "an ExecutorService, or a delay of one")
      (some #(contains? opts %) worker-keys) (.worker builder (worker-builder opts)))))

(defn- set-observer! [^HttpServer$Builder builder {:keys [error-logger warn-logger event-logger event-names observer]}]
  (let [told (RingObserver. (context-logger :error-logger error-logger) (context-logger :warn-logger warn-logger)
               (event-logger-of event-logger) (event-names-of event-names))]
    (when (or error-logger warn-logger event-logger)
      (.observer builder
        (if observer
          (ServerObserver/all (into-array ServerObserver [told observer]))
          told)))
    told))

(defn- proxy-protocol-of ^ProxyProtocol [k]
  (case k
    (nil :disable) ProxyProtocol/DISABLED
    :enable        ProxyProtocol/ENABLED
    :optional      ProxyProtocol/OPTIONAL
    (must-be :proxy-protocol k "one of :disable, :enable, :optional")))

(defn configure!
  "Sets what the options say, but for the handler. Returns the observer that has to be told of more. An option that is not
  known is warned of. One channel has no limit of what waits for its client, as long as all together are within theirs."
  [^HttpServer$Builder builder
   {:keys [max-body max-ws max-line proxy-protocol server-header warn-logger] :as opts}]
  (when-not (or (nil? server-header) (string? server-header))
    (must-be :server-header server-header "a string, or nil for none"))
  (warn-of-unknown-keys opts (context-logger :warn-logger warn-logger))
  (.maxQueuedBytes builder Long/MAX_VALUE)
  (when max-body (.maxBodyBytes builder (at-most largest-array :max-body max-body)))
  (when max-ws (.maxMessageBytes builder (int (at-most largest-array :max-ws max-ws))))
  (when max-line (.maxLineBytes builder (int (at-most (bit-shift-left 16 20) :max-line max-line))))
  (.proxyProtocol builder (proxy-protocol-of proxy-protocol))
  (.serverHeader builder server-header)
  (set-worker! builder opts)
  (doseq [k (builder-keys)
          :let  [value (get opts k)]
          :when (and (some? value) (not (contains? server-keys k)))]
    (BuilderOptions/set builder (name k) value))
  (set-address! builder opts)
  (set-observer! builder opts))
