(ns org.httpkit.options-test
  "run-server, its options, and how a server ends."
  (:require [clojure.string     :as str]
            [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask ask-on await-that await-value connect websocket with-server]]
            [org.httpkit.server :as hk])
  (:import [java.net BindException InetAddress ServerSocket UnixDomainSocketAddress]
           [java.nio.channels ServerSocketChannel]
           [java.nio.file Files]
           [java.time Duration]
           [java.util.concurrent ExecutorService Executors LinkedBlockingQueue RejectedExecutionException
            ThreadPoolExecutor TimeUnit]
           [org.httpkit.logger ContextLogger EventLogger EventNames]
           [org.httpkit.server Dispatch HttpServer ProxyProtocol ServerObserver]
           [org.httpkit.testkit RawClient TestCertificate]))

(defn- start
  ([opts] (start (constantly {:status 200, :body "ok"}) opts))
  ([handler opts] (hk/run-server handler (merge {:ip "127.0.0.1", :port 0} opts))))

(defn- await-status [server status]
  (let [deadline (+ (System/nanoTime) 10000000000)]
    (while (and (not= status (hk/server-status server)) (< (System/nanoTime) deadline))
      (Thread/yield))
    (is (= status (hk/server-status server)))))

(deftest returns-a-function-that-stops
  (let [stop (start {})
        {:keys [local-port server]} (meta stop)]
    (is (fn? stop))
    (is (instance? HttpServer server))
    (is (= local-port (hk/server-port server)))
    (is (= :running (hk/server-status server)))
    (is (= "ok" (:body (ask local-port "/"))))
    (is (nil? (stop)))
    (is (nil? (stop)) "also the second time")
    (hk/server-join server)
    (is (= :stopped (hk/server-status server)))))

(deftest the-stop-function-takes-what-it-is-given
  (doseq [args [[] [:timeout 10] [:timeout 10 :unknown 1] [:unknown 1] [{:timeout 10}] [:timeout nil] [10]]]
    (let [stop (start {})]
      (is (nil? (apply stop args)) (pr-str args))
      (.join ^HttpServer (:server (meta stop))))))

(deftest the-port-is-free-when-the-stop-function-returns
  (let [stop (start {})
        port (:local-port (meta stop))]
    (stop)
    (let [again (start {:port port})]
      (is (= port (:local-port (meta again))))
      (again))))

(deftest returns-the-server-if-asked-to
  (let [server (start {:legacy-return-value? false})]
    (is (instance? HttpServer server))
    (is (pos? (hk/server-port server)))
    (let [stopped (hk/server-stop! server {:timeout 100})]
      (is (instance? clojure.lang.IPending stopped))
      (is (nil? (hk/server-stop! server)) "nil when it is stopping already")
      (is (true? (await-value stopped)))
      (is (= :stopped (hk/server-status server))))))

(deftest lets-running-requests-finish
  (let [running (promise), release (promise)
        server  (start (fn [_] (deliver running true) (deref release 10000 nil) {:status 200, :body "finished"})
                  {:legacy-return-value? false})]
    (with-open [client (connect (hk/server-port server))]
      (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      (await-value running)
      (let [stopped (future (hk/server-stop! server {:timeout 10000}))]
        (await-status server :stopping)
        (is (not (realized? stopped)))
        (deliver release true)
        (is (= "finished" (.text (.read client))))
        (is (true? (await-value (await-value stopped))))))))

(deftest has-the-methods-that-programs-call
  (let [^HttpServer server (start {:legacy-return-value? false})
        stopped            (promise)]
    (is (= (hk/server-port server) (.getPort server)))
    (is (= "RUNNING" (.name (.getStatus server))))
    (is (true? (.isAlive server)))
    (is (true? (.stop server 10 #(deliver stopped true))))
    (is (false? (.stop server 10)))
    (await-value stopped)
    (.join server)
    (is (= "STOPPED" (.name (.getStatus server))))
    (is (false? (.isAlive server)))))

(deftest a-port-in-use-is-a-bind-exception
  (with-open [taken (ServerSocket. 0 1 (InetAddress/getByName "127.0.0.1"))]
    (is (thrown-with-msg? BindException (re-pattern (str (.getLocalPort taken)))
          (start {:port (.getLocalPort taken)})))))

(deftest other-servers-can-be-asked-the-same
  (let [mock (reify hk/IHttpServer
               (server-port [_] 7)
               (server-status [_] :running)
               (-server-stop! [_ opts] [:stopped opts]))]
    (is (= [7 :running [:stopped {:timeout 1}] [:stopped nil]]
           [(hk/server-port mock) (hk/server-status mock) (hk/server-stop! mock {:timeout 1}) (hk/server-stop! mock)]))))

(deftest limits-are-those-that-are-given
  (with-server [port (fn [req] {:body (some-> (:body req) slurp)}) {:max-body 10, :max-line 100}]
    (is (= 200 (:status (ask port "POST" "/" {} "0123456789"))))
    (is (= 413 (:status (ask port "POST" "/" {} "0123456789x"))))
    (is (= 414 (:status (ask port (str "/" (apply str (repeat 100 "x")))))))
    (is (= 431 (:status (ask port "GET" "/" {"X" (apply str (repeat 100 "x"))} nil)))))
  (testing "the largest number there is means no limit"
    (with-server [port (constantly {:status 200}) {:max-body Long/MAX_VALUE, :max-ws Integer/MAX_VALUE, :max-line Integer/MAX_VALUE}]
      (is (= 200 (:status (ask port "/")))))))

(deftest handlers-run-on-the-pool-that-is-given
  (let [pool (Executors/newFixedThreadPool 1 (org.httpkit.PrefixThreadFactory. "mine-"))]
    (try
      (doseq [worker [pool (delay pool)]]
        (with-server [port (fn [_] {:body (.getName (Thread/currentThread))}) {:worker-pool worker}]
          (is (= "mine-1" (:body (ask port "/"))))))
      (is (false? (.isShutdown ^ExecutorService pool)) "which is left running")
      (finally (.shutdown ^ExecutorService pool)))))

(deftest options-of-the-worker-can-be-given-to-the-server
  (doseq [opts [{:thread 2, :worker-name-prefix "old-", :allow-virtual? false}
                {:pool-opts {:n-threads 2, :prefix "old-", :allow-virtual? false}}
                {:n-max-threads 3, :n-min-threads 1, :queue-size 5, :prefix "old-", :allow-virtual? false}]]
    (with-server [port (fn [_] {:body (.getName (Thread/currentThread))}) opts]
      (is (str/starts-with? (:body (ask port "/")) "old-") (pr-str opts)))))

(deftest threads-are-called-as-programs-expect
  (doseq [opts [{} {:allow-virtual? false} {:prefix nil}]]
    (with-server [port (fn [_] {:body (.getName (Thread/currentThread))}) (assoc opts :dispatch :worker)]
      (is (str/starts-with? (:body (ask port "/")) "http-kit-server-worker-") (pr-str opts))))
  (testing "and the server still decides where handlers run, unless :dispatch says so"
    (doseq [[opts expected] {{} Dispatch/ADAPTIVE, {:dispatch :inline} Dispatch/INLINE, {:prefix "own-"} Dispatch/WORKER}]
      (let [^HttpServer server (start (assoc opts :legacy-return-value? false))]
        (try
          (is (= expected (.dispatch (.options server))) (pr-str opts))
          (finally (hk/server-stop! server)))))))

(defn- described
  "What `new-worker` says, its pool shut down."
  [opts]
  (let [worker (hk/new-worker opts)]
    (.shutdown ^ExecutorService (:pool worker))
    worker))

(deftest describes-a-worker
  (let [worker (described {:allow-virtual? false, :n-min-threads 3, :n-max-threads 7, :queue-size 11, :queue-type :linked})]
    (is (= {:type :fixed, :n-min-threads 3, :n-max-threads 7, :queue-size 11, :queue-type :linked}
           (select-keys worker [:type :n-min-threads :n-max-threads :queue-size :queue-type])))
    (is (instance? java.util.concurrent.LinkedBlockingQueue (:queue worker)))
    (is (instance? ExecutorService (:pool worker)))
    (is (= (.availableProcessors (Runtime/getRuntime)) (:n-cores worker))))
  (let [{:keys [n-cores n-min-threads n-max-threads queue-type queue-size]} (described {:allow-virtual? false})]
    (is (= [(max 2 n-cores) (* 16 n-cores) :array 20480] [n-min-threads n-max-threads queue-type queue-size])))
  (is (= [4 4] ((juxt :n-min-threads :n-max-threads) (described {:allow-virtual? false, :n-threads 4}))))
  (is (= [5 5] ((juxt :n-min-threads :n-max-threads) (described {:allow-virtual? false, :pool-opts {:n-threads 5}}))))
  (let [virtual? (<= 21 (.feature (Runtime/version)))]
    (is (= (if virtual? :virtual :fixed) (:type (described {}))))
    (is (= (when virtual? #{:type :n-cores :pool}) (when virtual? (set (keys (described {}))))))))

(deftest a-pool-of-platform-threads-is-a-standard-one-that-grows-before-tasks-wait
  (doseq [queue-type [:array :linked]]
    (let [{:keys [^ThreadPoolExecutor pool queue]}
          (hk/new-worker {:allow-virtual? false, :n-min-threads 1, :n-max-threads 3, :queue-size 2, :queue-type queue-type, :prefix "p-"})
          release (promise)
          names   (LinkedBlockingQueue.)
          submit! #(.execute pool (fn [] (.add names (.getName (Thread/currentThread))) @release))]
      (try
        (is (instance? ThreadPoolExecutor pool))
        (is (identical? queue (.getQueue pool)))
        (dotimes [_ 3] (submit!))
        (is (= #{"p-1" "p-2" "p-3"} (set (repeatedly 3 #(.poll names 10 TimeUnit/SECONDS)))))
        (is (= 3 (.getPoolSize pool)))
        (dotimes [_ 2] (submit!))
        (is (= 2 (count queue)))
        (is (thrown? RejectedExecutionException (submit!)))
        (deliver release true)
        (is (every? some? (repeatedly 2 #(.poll names 10 TimeUnit/SECONDS))) "what has waited is run")
        (is (nil? @(.submit pool ^Runnable (fn []))))
        (.shutdown pool)
        (is (thrown? RejectedExecutionException (submit!)))
        (is (true? (.awaitTermination pool 10 TimeUnit/SECONDS)))
        (is (= 6 (.getCompletedTaskCount pool)))
        (finally (.shutdownNow pool))))))

(deftest loggers-are-told
  (let [events (atom [])
        errors (atom [])]
    (with-server [port (fn [req] (case (:uri req) "/throw" (throw (ex-info "x" {})) "/nil" nil {:status 202}))
                  {:event-logger (fn [event] (swap! events conj event))
                   :error-logger (fn [message failure] (swap! errors conj [message (ex-message failure)]))
                   :event-names  {"serverStatus404" "custom.404", :serverStatus500 :custom.500}}]
      ;; On one connection, where one ends before the next begins; a client has its answer a little earlier.
      (with-open [client (connect port)]
        (doseq [path ["/" "/nil" "/throw"]] (ask-on client path)))
      (is (await-that #(= 3 (count @events)))))
    (is (= [["GET /throw" "x"]] @errors))
    (is (= ["httpkit.server.status.processed.202" "custom.404" "custom.500" "httpkit.server.drain"] @events)
        "one for each")))

(deftest each-response-is-one-event
  (let [events (atom [])
        handler (fn [req]
                  (case (:uri req)
                    "/404"      {:status 404}
                    "/500"      {:status 500}
                    "/header"   {:status 200, :headers "none"}
                    "/break"    {:status 200, :headers {"X" "a\nb"}}
                    "/no-file"  {:status 200, :body (java.io.File. "does-not-exist")}
                    "/folder"   {:status 200, :body (java.io.File. ".")}
                    "/channel"  (hk/as-channel req {:on-open (fn [ch] (hk/send! ch {:status 201}))})
                    "/on-close" (hk/as-channel req {:on-open  (fn [ch] (hk/send! ch {:status 201}))
                                                    :on-close (fn [_ _] (throw (ex-info "meant" {})))})))]
    (with-server [port handler {:event-logger (fn [event] (swap! events conj event)), :error-logger (fn [_ _])}]
      (doseq [[path expected] {"/404"      ["httpkit.server.status.processed.404"]
                               "/500"      ["httpkit.server.status.processed.500"]
                               "/header"   ["httpkit.server.status.500"]
                               "/break"    ["httpkit.server.status.500"]
                               "/no-file"  ["httpkit.server.status.500"]
                               "/folder"   ["httpkit.server.status.500"]
                               "/channel"  []
                               "/on-close" ["httpkit.server.channel.close.error"]}]
        (reset! events [])
        (ask port path)
        (await-that #(= expected @events)) ; the client may have its answer before
        (is (= expected @events) path)))))

(deftest only-the-first-outcome-of-an-asynchronous-handler-is-an-event
  (let [events (atom [])]
    (with-server [port (fn [_ respond raise]
                         (respond {:status 503})
                         (respond {:status 200})
                         (raise (ex-info "late" {})))
                  {:ring-async? true, :event-logger (fn [event] (swap! events conj event)), :error-logger (fn [_ _])}]
      (is (= 503 (:status (ask port "/"))))
      (is (= ["httpkit.server.status.processed.503"] @events)))))

(deftest a-handler-that-fails-ahead-of-the-handshake-is-a-500
  (doseq [[handler opts] [[(fn [_] (throw (ex-info "meant" {}))) {}]
                          [(fn [req] (hk/as-channel req {:init (fn [_] (throw (ex-info "meant" {})))})) {}]
                          [(fn [_] {:status "none"}) {}]
                          [(fn [_ _ raise] (raise (ex-info "meant" {}))) {:ring-async? true}]
                          [(fn [_ _ _] (throw (ex-info "meant" {}))) {:ring-async? true}]
                          [(fn [_ respond _] (respond {:status "none"})) {:ring-async? true}]]]
    (let [events (atom [])]
      (with-server [port handler (assoc opts :event-logger (fn [event] (swap! events conj event)), :error-logger (fn [_ _]))]
        (is (= 500 (:status (ask port "GET" "/" {"Upgrade" "websocket", "Connection" "Upgrade", "Sec-WebSocket-Version" "13"
                                                 "Sec-WebSocket-Key" "dGhlIHNhbXBsZSBub25jZQ=="} nil))))
        (is (= ["httpkit.server.status.500"] @events))))))

(deftest events-of-a-websocket-are-told
  (let [events (LinkedBlockingQueue.)
        until  (fn [event] (loop [] (let [next (.poll events 10 TimeUnit/SECONDS)] (if (or (nil? next) (= event next)) next (recur)))))]
    (with-server [port (fn [req] (hk/as-channel req {:on-receive (fn [_ _] (throw (ex-info "meant" {})))}))
                  {:event-logger (fn [event] (.add events event)), :error-logger (fn [_ _])}]
      (with-open [socket (websocket port "/")]
        (.text socket "x")
        (is (= "httpkit.server.ws.frame.error" (.poll events 10 TimeUnit/SECONDS)) "the handshake is no event"))
      (with-open [socket (websocket port "/")]
        (.frame socket true 4 1 (byte-array 1))
        (is (= "httpkit.server.ws.decode.error" (until "httpkit.server.ws.decode.error")))))
    (is (= "httpkit.server.drain" (until "httpkit.server.drain")))))

(deftest refusals-are-told
  (doseq [[text event] {"GET / HTTP/1.1\r\n\r\n"                                       "httpkit.server.status.400"
                        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n" "httpkit.server.status.413"
                        (str "GET /" (apply str (repeat 200 "x")) " HTTP/1.1\r\n\r\n") "httpkit.server.status.414"
                        (str "GET / HTTP/1.1\r\nX: " (apply str (repeat 200 "x")) "\r\n\r\n") "httpkit.server.status.processed.431"}]
    (let [events (atom #{})]
      (with-server [port (constantly nil) {:event-logger (fn [event] (swap! events conj event)), :max-line 100, :max-body 10}]
        (with-open [client (connect port)]
          (.send client ^String text)
          (.read client)))
      (is (contains? @events event)))))

(deftest connections-that-have-to-go-are-told
  (testing "because too much is held of what was sent"
    (let [events (LinkedBlockingQueue.)
          warned (promise)]
      (with-server [port (constantly {:status 200}) {:max-received-bytes-total 150000
                                                     :event-logger (fn [event] (.add events event))
                                                     :warn-logger  (fn [message _] (deliver warned message))}]
        (with-open [one     (connect port)
                    another (connect port)]
          (doseq [client [one another]]
            (.send ^org.httpkit.testkit.RawClient client ^String (str "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
                               (apply str (repeat 100000 "x")))))
          (is (= "httpkit.server.input.shed" (.poll events 10 TimeUnit/SECONDS))))
        (is (str/includes? (await-value warned) ":max-received-bytes-total")))))
  (testing "because another one has come"
    (let [events (LinkedBlockingQueue.)
          warned (promise)]
      (with-server [port (constantly {:status 200}) {:max-connections 1
                                                     :event-logger (fn [event]
                                                                     (when (= "httpkit.server.connection.given.up" event)
                                                                       (.add events event)))
                                                     :warn-logger  (fn [message _]
                                                                     (when (str/starts-with? message "Closed")
                                                                       (deliver warned message)))}]
        (with-open [idle (connect port)]
          (.send idle "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
          (is (= 200 (.status (.read idle))))
          (is (= 200 (:status (ask port "/"))))
          (is (= "httpkit.server.connection.given.up" (.poll events 10 TimeUnit/SECONDS)))
          (is (str/includes? (await-value warned) ":max-connections")))))))

(deftest loggers-may-be-java-objects
  (let [events (atom [])]
    (with-server [port (constantly nil)
                  {:event-logger (reify EventLogger (log [_ event] (swap! events conj event)))
                   :error-logger ContextLogger/ERROR_PRINTER
                   :warn-logger  (reify ContextLogger (log [_ _ _]))
                   :event-names  EventNames/DEFAULT}]
      (ask port "/")
      (is (await-that #(some #{"httpkit.server.status.404"} @events))))))

(deftest a-logger-that-throws-breaks-nothing
  (with-server [port (constantly {:status 200}) {:event-logger (fn [_] (throw (ex-info "meant" {})))}]
    (is (= 200 (:status (ask port "/"))))
    (is (= 200 (:status (ask port "/"))))))

(deftest unknown-options-are-warned-of
  (let [warnings (atom [])]
    (with-server [port (constantly nil) {:max-bdy 10, :idle-timeuot 5, "x" 1, :warn-logger (fn [message _] (swap! warnings conj message))}])
    (is (= 3 (count @warnings)))
    (is (some #(and (str/includes? % ":max-bdy") (str/includes? % ":max-body")) @warnings))
    (is (some #(and (str/includes? % ":idle-timeuot") (str/includes? % ":idle-timeout")) @warnings)))
  (testing "also by the names they have elsewhere"
    (doseq [[option ours] {:host ":ip", :async? ":ring-async?", :executor ":worker-pool", :max-threads ":n-max-threads"}]
      (let [warning (promise)]
        (with-server [port (constantly nil) {option nil, :warn-logger (fn [message _] (deliver warning message))}]
          (is (str/ends-with? (await-value warning) ours))))))
  (testing "without a hint if nothing is like them"
    (doseq [option [:join? :not-found :ssl? :configurator]]
      (let [warning (promise)]
        (with-server [port (constantly nil) {option nil, :warn-logger (fn [message _] (deliver warning message))}]
          (is (= (str "run-server has no option " option) (await-value warning)))))))
  (testing "known ones are not"
    (let [warnings (atom [])]
      (with-server [port (constantly nil)
                    {:warn-logger (fn [message _] (swap! warnings conj message)) :legacy-content-length? false
                     :legacy-unsafe-remote-addr? false :ring-async? false :idle-timeout 1000 :pool-opts {}}])
      (is (= [] @warnings)))))

(deftest options-of-the-builder-have-their-names-in-kebab-case
  (let [observer (reify ServerObserver)
        ^HttpServer server
        (start {:legacy-return-value? false
                :idle-timeout         1500
                :header-timeout       (Duration/ofSeconds 3)
                :ping-interval        0
                :close-timeout        nil
                :stop-on-shutdown     nil
                :max-header-count     7
                :max-queued-bytes     1000000
                :event-loops          1
                :dispatch             :worker
                :trusted-proxies      ["10.0.0.0/8" "::1"]
                :observer             observer})
        options (.options server)]
    (try
      (is (= [(Duration/ofMillis 1500) (Duration/ofSeconds 3) Duration/ZERO (Duration/ofSeconds 5) nil 7 1000000 1 Dispatch/WORKER 2 observer]
             [(.idleTimeout options) (.headerTimeout options) (.pingInterval options) (.closeTimeout options)
              (.stopOnShutdown options) (.maxHeaderCount options)
              (.maxQueuedBytes options) (.eventLoops options) (.dispatch options) (count (.trustedProxies options))
              (.observer options)]))
      (finally (hk/server-stop! server)))))

(defn- over-tls
  "What the server answers to a request of this client over TLS."
  [^HttpServer server context]
  (with-open [client (.secure (RawClient/connectInPlainText server) ^javax.net.ssl.SSLContext context)]
    (.text (.read (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")))))

(deftest tls-is-a-map-with-files
  (let [localhost (TestCertificate/localhost)
        trusting  (fn [] (TestCertificate/trusting (into-array [localhost])))
        handler   (fn [req] {:status 200, :body (pr-str (:scheme req) (contains? req :ssl-client-cert)
                                                        (some-> ^java.security.cert.X509Certificate (:ssl-client-cert req)
                                                                .getSubjectX500Principal str))})]
    (testing "with PEM files, or a key store"
      (doseq [tls [{:cert (str (.chain localhost)), :key (.toFile (.key localhost))}
                   {:key-store (str (.store localhost)), :password TestCertificate/PASSWORD}]]
        (let [server (start handler {:legacy-return-value? false, :tls tls})]
          (try
            (is (= ":https false nil" (over-tls server (trusting))))
            (finally (hk/server-stop! server))))))
    (testing "and the certificates of clients"
      (let [server (start handler {:legacy-return-value? false
                                   :tls {:cert (str (.chain localhost)), :key (str (.key localhost))
                                         :client-auth :want, :trusted (str (.chain localhost))}})]
        (try
          (is (= ":https true \"CN=localhost\"" (over-tls server (.shownToThoseWith localhost (into-array [localhost])))))
          (is (= ":https false nil" (over-tls server (trusting))))
          (finally (hk/server-stop! server)))))
    (testing "what does not fit is named"
      (is (thrown-with-msg? IllegalArgumentException #":certificate" (start {:tls {:certificate "a"}})))
      (is (thrown-with-msg? IllegalArgumentException #":cert" (start {:tls {:key "a"}})))
      (is (thrown-with-msg? IllegalArgumentException #":client-auth is :maybe"
                            (start {:tls {:cert "a", :key "b", :client-auth :maybe}})))
      (is (thrown-with-msg? java.io.IOException #"none.pem" (start {:tls {:cert "none.pem", :key "none.key"}}))))))

(deftest the-defaults-are-those-of-the-document
  (let [^HttpServer server (start {:legacy-return-value? false})
        options            (.options server)]
    (try
      (is (= [8388608 4194304 8192 ProxyProtocol/DISABLED "http-kit"]
             [(.maxBodyBytes options) (.maxMessageBytes options) (.maxLineBytes options) (.proxyProtocol options)
              (.serverHeader options)]))
      (finally (hk/server-stop! server)))))

(deftest nil-is-the-default
  (doseq [opts [nil {:max-body nil, :max-ws nil, :max-line nil, :proxy-protocol nil, :worker-pool nil, :error-logger nil
                     :event-names nil, :address-finder nil, :pool-opts nil, :idle-timeout nil}]]
    (with-server [port (constantly {:status 200}) opts]
      (is (= "http-kit" (get-in (ask port "/") [:headers "Server"])))))
  (let [server (hk/run-server (constantly nil) {:ip nil, :port 0, :legacy-return-value? false})]
    (is (.isAnyLocalAddress (.getAddress ^java.net.InetSocketAddress (.address ^HttpServer server))))
    (hk/server-stop! server)))

(deftest a-server-prints-where-it-listens
  (let [server (start {:legacy-return-value? false})]
    (is (re-find (re-pattern (str "127.0.0.1:" (hk/server-port server) ", RUNNING")) (pr-str server)))
    (hk/server-stop! server)))

(deftest bad-values-are-refused-before-anything-is-started
  (doseq [[opts says] {{:dispatch :elsewhere}         #":dispatch.*:worker"
                       {:idle-timeout "long"}         #":idle-timeout"
                       {:max-header-count 0}          #"maxHeaderCount"
                       {:trusted-proxies ["nowhere"]} #"nowhere"
                       {:proxy-protocol :maybe}       #":proxy-protocol.*:optional"
                       {:event-names 5, :event-logger identity} #":event-names"
                       {:port "80"}                   #":port is .80."
                       {:max-body "1k"}               #":max-body"
                       {:port 70000}                  #"port"
                       {:worker-pool 5}               #":worker-pool is 5.*ExecutorService"
                       {:queue-size "many"}           #":queue-size is .many."
                       {:queue-type :heap}            #":queue-type is :heap.*:linked"
                       {:server-header :none}         #":server-header is :none.*nil"
                       {:error-logger 1}              #":error-logger is 1.*function"
                       {:warn-logger "log"}           #":warn-logger is .log.*function"
                       {:event-logger 1}              #":event-logger is 1.*function"
                       {:event-names "names"}         #":event-names"}]
    (is (thrown-with-msg? IllegalArgumentException says (start opts)) (pr-str opts)))
  (is (thrown-with-msg? IllegalArgumentException #"handler is nil" (start nil {}))))

(deftest the-proxy-protocol-can-be-required
  (with-server [port (fn [req] {:body (str (:remote-addr req) " " (get-in req [:headers "x-forwarded-for"]))})
                {:proxy-protocol :enable}]
    (with-open [client (connect port)]
      (.send client "PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
      (is (= "192.0.2.1 192.0.2.1" (.text (.read client)))))))

(deftest listens-where-the-functions-say
  (let [folder (Files/createTempDirectory "httpkit" (make-array java.nio.file.attribute.FileAttribute 0))
        path   (.resolve folder "s")
        asked  (atom nil)
        stop   (start (fn [req] {:body (pr-str (:remote-addr req))})
                 {:address-finder  (fn [] (UnixDomainSocketAddress/of path))
                  :channel-factory (fn [address]
                                     (reset! asked address)
                                     (ServerSocketChannel/open java.net.StandardProtocolFamily/UNIX))})]
    (try
      (is (= (UnixDomainSocketAddress/of path) @asked))
      (is (= -1 (:local-port (meta stop))))
      (with-open [client (RawClient/connect ^java.nio.file.Path path)]
        (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        (is (= "nil" (.text (.read client)))))
      (finally
        (stop)
        (hk/server-join (:server (meta stop)))
        (is (not (.exists (.toFile path))))
        (.delete (.toFile folder))))))

(deftest listens-on-a-unix-socket
  (let [folder (Files/createTempDirectory "httpkit" (make-array java.nio.file.attribute.FileAttribute 0))
        path   (str (.resolve folder "s"))
        stop   (start {:unix-socket path, :unix-socket-permissions "rw-------"})]
    (try
      (with-open [client (RawClient/connect (.toPath (java.io.File. path)))]
        (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        (is (= "ok" (.text (.read client)))))
      (is (= "rw-------" (java.nio.file.attribute.PosixFilePermissions/toString
                           (Files/getPosixFilePermissions (.toPath (java.io.File. path)) (make-array java.nio.file.LinkOption 0)))))
      (finally
        (stop)
        (hk/server-join (:server (meta stop)))
        (.delete (.toFile folder))))))

(deftest shapes-the-server's-own-answers
  (let [asked (atom [])
        page  (fn [status reason req]
                (swap! asked conj [status (:uri req)])
                (when-not (= "/plain" (:uri req))
                  {:status 299, :headers {"Content-Type" "text/x-page"}, :body (str "page of " status)}))]
    (with-server [port (fn [req] (when-not (= "/none" (:uri req)) (throw (Exception. "secret")))) {:error-pages page}]
      (is (= "page of 500" (:body (ask port "/"))))
      (is (= 500 (:status (ask port "/"))))
      (is (= "text/x-page" (get-in (ask port "/") [:headers "Content-Type"])))
      (is (= "page of 404" (:body (ask port "/none"))))
      (is (re-find #"(?i)server error" (:body (ask port "/plain"))))
      (with-open [client (connect port)]
        (.send client "GET / HTTP/1.1\r\n\r\n")
        (is (= "page of 400" (.text (.read client)))))
      (is (= #{[500 "/"] [404 "/none"] [500 "/plain"] [400 nil]}
             (disj (set @asked) [503 nil]))))))

(deftest error-pages-must-be-a-function
  (is (thrown-with-msg? IllegalArgumentException #":error-pages is 5.*function" (start {:error-pages 5}))))
