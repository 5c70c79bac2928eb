(ns org.httpkit.stop-test
  "What a stop waits for, in each state of a server, in each of its forms, and wherever it is called from."
  (:require [clojure.string     :as str]
            [clojure.test       :as test :refer [deftest is testing]]
            [org.httpkit.raw    :refer [await-that connect websocket]]
            [org.httpkit.server :as hk])
  (:import [java.io EOFException IOException]
           [java.util.concurrent CountDownLatch TimeUnit]
           [org.httpkit.server HttpServer]
           [org.httpkit.testkit RawClient RawWebSocket]))

(def ^:private patience-ms 10000)
(def ^:private long-ms
  "A timeout that no stop has to use up."
  20000)
(def ^:private short-ms 150)
(def ^:private call-ms
  "How long a call goes on after the stop has begun."
  250)

(def ^:private large-bytes
  "More than the system buffers for a client that does not read."
  30000000)

(defn- await-latch [^CountDownLatch latch]
  (.await latch patience-ms TimeUnit/MILLISECONDS))

(defn- call!
  "Runs in a handler or callback: tells that it runs, and does so until it is released."
  [{:keys [^CountDownLatch running ^CountDownLatch release ended]}]
  (.countDown running)
  (try
    (if (await-latch release) (reset! ended :returned) (reset! ended :forgotten))
    (catch InterruptedException e
      (reset! ended :interrupted)
      (throw e))))

(defn- stubborn-call!
  "`call!`, but whatever interrupts it."
  [{:keys [^CountDownLatch running ^CountDownLatch release ended]}]
  (.countDown running)
  (let [deadline (+ (System/nanoTime) (* patience-ms 1000000))]
    (while (and (pos? (.getCount release)) (< (System/nanoTime) deadline))
      (Thread/yield)))
  (reset! ended :returned))

(defn- get! [{:keys [port]} text]
  (doto (connect port) (.send ^String text)))

(def ^:private request "GET / HTTP/1.1\r\nHost: a\r\n\r\n")

(defn- on-close [{:keys [told]}]
  (fn [_ status] (swap! told conj status)))

(defn- update-vals* [m f]
  (into {} (for [[k v] m] [k (f v)])))

(defn- channel-handler
  "Answers with a channel that has these callbacks besides one for the end, and that is opened by `on-open`."
  ([] (channel-handler (fn [_ _])))
  ([on-open & {:as callbacks}]
   (fn [{:keys [^CountDownLatch running] :as ctx} req]
     (hk/as-channel req
       (merge {:on-open  (fn [ch] (on-open ctx ch) (when-not (:on-receive callbacks) (.countDown running)))
               :on-close (on-close ctx)}
         (update-vals* callbacks (fn [callback] (fn [ch data] (callback ctx ch data)))))))))

(def ^:private states
  "For each state: its `:row` in the table of README.md; how its connection is made and handled; how many requests have `:begun`
  before the stop; its timeout; whether what runs is released while the stop waits; whether it may take a moment more until all
  has come of it (`:soon`); and what has come of it when the stop returns. `:sees` is what the client sees then, `:told` what
  `on-close` was called with. `:http-kit` is what differs there, called from outside."
  {:no-connection
   {:row     "no connection"
    :timeout long-ms}

   :idle-connection
   {:row     "an idle connection"
    :handler (fn [_ _] {:status 200, :body "before"})
    :client  (fn [ctx] (doto (get! ctx request) (.read)))
    :timeout long-ms
    :sees    :end}

   :half-a-head
   {:row     "half a head has come"
    :handler (fn [_ _] {:status 200})
    :client  (fn [ctx] (get! ctx "GET / HT"))
    :timeout long-ms
    :sees    :end}

   :half-a-body
   {:row      "half a body has come"
    :handler  (fn [_ req] {:status 200, :body (slurp (:body req))})
    :client   (fn [ctx] (get! ctx "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc"))
    :begun    1
    :rest     "def"
    :timeout  long-ms
    :sees     "abcdef"
    :http-kit {:sees :end}}

   :half-a-body-that-stays-so
   {:row      "half a body has come"
    :handler  (fn [_ _] {:status 200})
    :client   (fn [ctx] (get! ctx "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc"))
    :begun    1
    :timeout  short-ms
    :waits    true
    :sees     :end
    :http-kit {:waits false}}

   :handler-that-ends
   {:row      "a handler runs and ends in time"
    :handler  (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client   (fn [ctx] (get! ctx request))
    :runs?    true
    :released true
    :timeout  long-ms
    :ended    :returned
    :sees     "finished"}

   :handler-that-does-not-end
   {:row     "a handler does not end"
    :handler (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout short-ms
    :waits   true
    :sees    :end}

   :handler-that-ignores-interrupts
   {:row     "a handler ignores interrupts"
    :handler (fn [ctx _] (stubborn-call! ctx) {:status 200, :body "finished"})
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout short-ms
    :waits   true
    :ended   nil
    :sees    :end}

   :handler-without-time
   {:row     "a handler runs, the timeout is 0"
    :handler (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client  (fn [ctx] (get! ctx request))
    :runs?   true
    :timeout 0
    :sees    :end}

   :requests-that-wait-for-a-thread
   {:row      "requests wait for a thread"
    :opts     {:n-threads 2, :allow-virtual? false}
    :handler  (fn [ctx _] (call! ctx) {:status 200, :body "finished"})
    :client   (fn [ctx] (get! ctx request))
    :others   3
    :runs?    true
    :begun    4
    :released true
    :timeout  long-ms
    :ended    :returned
    :sees     "finished"}

   :long-poll
   {:row      "a long poll that nobody answers"
    :handler  (channel-handler)
    :client   (fn [ctx] (get! ctx request))
    :runs?    true
    :timeout  long-ms
    :told     [:server-close]
    :sees     503
    :http-kit {:sees :end, :told [:client-close]}}

   :stream
   {:row      "a stream has begun"
    :handler  (channel-handler (fn [_ ch] (hk/send! ch "piece" false)))
    :client   (fn [ctx] (doto (get! ctx request) (.readHead) (.readChunk)))
    :runs?    true
    :timeout  long-ms
    :told     [:server-close]
    :sees     :last-chunk
    :http-kit {:sees :end, :told [:client-close]}}

   :websocket
   {:row      "a WebSocket"
    :handler  (channel-handler)
    :socket   true
    :runs?    true
    :timeout  long-ms
    :told     [:server-close]
    :sees     1001
    :http-kit {:sees :end, :told #{[:server-close] [:going-away]}}}

   :on-receive-that-ends
   {:row      "`on-receive` runs and ends in time"
    :handler  (channel-handler (fn [_ _]) :on-receive (fn [ctx _ _] (call! ctx)))
    :socket   "message"
    :runs?    true
    :released true
    :timeout  long-ms
    :ended    :returned
    :told     [:server-close]
    :sees     1001
    :http-kit {:sees :end, :told #{[:server-close] [:going-away]}}}

   :on-receive-that-does-not-end
   {:row      "`on-receive` does not end"
    :handler  (channel-handler (fn [_ _]) :on-receive (fn [ctx _ _] (call! ctx)))
    :socket   "message"
    :runs?    true
    :timeout  short-ms
    :waits    true
    :soon     true
    :ended    :interrupted
    :told     [:server-close]
    :sees     #{:end 1001}}

   :on-receive-that-ignores-interrupts
   {:row      "`on-receive` ignores interrupts"
    :handler  (channel-handler (fn [_ _]) :on-receive (fn [ctx _ _] (stubborn-call! ctx)))
    :socket   "message"
    :runs?    true
    :timeout  short-ms
    :waits    true
    :ended    nil
    :sees     :end
    :http-kit {:told #{[:server-close] [:going-away]}}}

   :on-close-that-takes-a-while
   {:row      "`on-close` takes a while"
    :handler  (fn [{:keys [^CountDownLatch running told]} req]
                (hk/as-channel req {:on-open  (fn [_] (.countDown running))
                                    :on-close (fn [_ status] (Thread/sleep (long call-ms)) (swap! told conj status))}))
    :socket   true
    :runs?    true
    :timeout  long-ms
    :told     [:server-close]
    :sees     1001
    :http-kit {:sees :end, :told #{[:server-close] [:going-away]}}}

   :response-to-a-slow-client
   {:row      "a response is on its way to a slow client"
    :handler  (fn [_ _] {:status 200, :body (byte-array large-bytes)})
    :client   (fn [ctx] (doto (get! ctx request) (.readHead)))
    :slow?    true
    :timeout  long-ms
    :sees     :whole
    :http-kit {:sees :end}}

   :response-that-is-still-raised
   {:row      "a response with `:ring-async?` is still to come"
    :opts     {:ring-async? true}
    :handler  (fn [ctx _ respond _] (future (call! ctx) (respond {:status 200, :body "raised"})))
    :client   (fn [ctx] (get! ctx request))
    :runs?    true
    :released true
    :timeout  long-ms
    :ended    :returned
    :sees     "raised"
    :http-kit {:sees :end}}})

;;;; Clients

(defn- seen-by-client [^RawClient client]
  (try
    (let [response (.read client)]
      (if (= 200 (.status response)) (.text response) (.status response)))
    (catch EOFException _ :end)
    (catch IOException _ :end)))

(defn- seen-by-slow-client [^RawClient client]
  (try
    (.readBytes client large-bytes)
    :whole
    (catch IOException _ :end)))

(defn- seen-by-stream [^RawClient client]
  (try
    (if (zero? (alength (.readChunk client))) :last-chunk :more)
    (catch IOException _ :end)))

(defn- open-client
  "Connects the state's clients; returns what waits for what they see at the end, what closes them, and what sends more."
  [{:keys [client socket sees slow? others]} {:keys [port running] :as ctx}]
  (cond
    socket (let [^RawWebSocket socket* (websocket port "/")]
             (when (string? socket) (.text socket* socket))
             ;; Answers the close frame, as each client does.
             (let [seen (future (let [code (try (.closeCode (.read socket*)) (catch IOException _ :end))]
                                  (.close socket*)
                                  code))]
               [#(deref seen patience-ms :nothing) #(.close socket*)]))
    client (let [others (vec (repeatedly (or others 0) #(client ctx)))
                 ^RawClient client* (client ctx)
                 look #(cond
                         slow?                (seen-by-slow-client %)
                         (= :last-chunk sees) (seen-by-stream %)
                         :else                (seen-by-client %))
                 ;; Does not end its side: no stop waits for that.
                 seen (future (when slow? (await-latch running))
                              (let [all (mapv look (conj others client*))]
                                (if (apply = all) (peek all) all)))]
             [#(deref seen patience-ms :nothing) #(doseq [^RawClient each (conj others client*)] (.close each))
              #(.send client* ^String %)])
    :else  [(constantly nil) (fn [])]))

;;;; The stop

(defn- stop-by
  "Stops in that form; returns what the form has returned."
  [form stop timeout]
  (let [server (:server (meta stop))]
    (case form
      :function (stop :timeout timeout)
      :promise  (hk/server-stop! server {:timeout timeout})
      :method   (.stop ^HttpServer server (int timeout))
      :function-without-timeout (stop)
      :promise-without-timeout  (hk/server-stop! server))))

(defn- running-server [{:keys [handler opts]} ctx form timeout]
  (let [stop_    (promise)
        inside   (:inside ctx)
        stop!    (fn [] (deliver inside [(stop-by form @stop_ timeout) @(:told ctx) @(:ended ctx)]))
        answer   (fn [more response] (if more ((first more) response) response))
        handler* (fn [req & more]
                   (case (:uri req)
                     "/stop"            (do (stop!) (answer more {:status 200, :body "stopped"}))
                     "/stop-on-receive" (answer more (hk/as-channel req {:on-receive (fn [ch _] (stop!) (hk/send! ch "stopped"))}))
                     "/stop-on-close"   (answer more (hk/as-channel req {:on-close (fn [_ _] (stop!))}))
                     (apply handler ctx req more)))
        stop     (hk/run-server (if handler handler* (fn [req & more] (apply handler* req more)))
                   (merge {:ip "127.0.0.1", :port 0, :error-logger (fn [_ _])} opts))]
    (deliver stop_ stop)
    stop))

(defn- stop-from
  "Calls the stop from there. Returns what the stop's form has returned, what `on-close` had been told and how the call had ended
  when it did, how long it took, and what answered the one who called from inside."
  [caller form stop {:keys [port told ended inside]} timeout]
  (let [begun  (System/nanoTime)
        answer (case caller
                 (:outside :hook) (do (deliver inside [(stop-by form stop timeout) @told @ended]) nil)
                 :handler         (with-open [client (get! {:port port} "GET /stop HTTP/1.1\r\nHost: a\r\n\r\n")]
                                    (seen-by-client client))
                 :on-receive      (with-open [socket (websocket port "/stop-on-receive")]
                                    (.text socket "stop")
                                    (try (.text (.read socket)) (catch IOException _ :end)))
                 :on-close        (with-open [socket (websocket port "/stop-on-close")]
                                    (.close socket 1000 "")
                                    (deref inside patience-ms nil)
                                    "stopped"))
        [returned told ended] (deref inside patience-ms [:nothing])]
    {:returned returned, :told told, :ended ended, :answer answer
     :ms       (quot (- (System/nanoTime) begun) 1000000)}))

(defn- while-stopping [server f]
  (future
    (while (= :running (hk/server-status server)) (Thread/yield))
    (Thread/sleep (long call-ms))
    (f)))

(defn- outcome
  "What comes of a stop in that state."
  [{:keys [runs? begun released slow? timeout] :as state} form caller]
  (let [ctx    {:running (CountDownLatch. 1), :release (CountDownLatch. 1), :ended (atom nil), :told (atom []), :inside (promise)}
        ;; A stop from inside must not wait for a thread itself.
        state  (if (and (:others state) (not (#{:outside :hook} caller)))
                 (assoc-in state [:opts :n-threads] (+ 2 (:others state)))
                 state)
        stop   (running-server state ctx form timeout)
        server (:server (meta stop))
        ctx    (assoc ctx :port (:local-port (meta stop)))
        [seen close send] (open-client state ctx)]
    (try
      (when runs?
        (is (await-latch (:running ctx))))
      (when begun
        (is (await-that #(= begun (.exchangesRunning (.stats ^HttpServer server))))))
      (when released
        (while-stopping server #(.countDown ^CountDownLatch (:release ctx))))
      (when slow?
        (while-stopping server #(.countDown ^CountDownLatch (:running ctx))))
      (when (:rest state)
        (while-stopping server #(send (:rest state))))
      (let [result (stop-from caller form stop ctx timeout)
            seen   (seen)]
        (when (:soon state)
          (await-that #(= [(:ended state) (:told state)] [@(:ended ctx) @(:told ctx)])))
        (let [result (if (:soon state) (assoc result :ended @(:ended ctx), :told @(:told ctx)) result)]
          (.countDown ^CountDownLatch (:release ctx))
          (hk/server-join server)
          (assoc result :sees seen, :status (hk/server-status server))))
      (finally
        (.countDown ^CountDownLatch (:release ctx))
        (close)
        (stop)))))

(defn- check-state
  "Compares what comes of a stop in that state with what ought to."
  [form caller [state-name {:keys [timeout waits ended told sees] :as state}]]
  (testing (str state-name " " form " " caller)
    (let [result (outcome state form caller)]
      (is (contains? (if (set? sees) sees #{sees}) (:sees result)))
      (case form
        :function (is (nil? (:returned result)))
        :promise  (is (true? (deref (:returned result) patience-ms :none)))
        :method   (is (true? (:returned result))))
      (is (< (:ms result) (/ long-ms 2)) "no stop uses up a long timeout")
      (if (#{:handler :on-receive :on-close} caller)
        (when (= long-ms timeout)
          (is (= "stopped" (:answer result)) "who stops from inside still answers"))
        (do
          (when (contains? state :ended)
            (is (= ended (:ended result)) "the call has ended when the stop returns"))
          (is (= (or told []) (:told result)) "on-close has been called when the stop returns")
          (when waits
            (is (<= short-ms (:ms result)) "the stop uses up its timeout")))))))

(def ^:private states-at-once
  "Each state has a server for itself, and its stop mostly waits."
  5)

(defn check
  "Compares what comes of a stop in each state with what ought to."
  [form caller]
  (doseq [some-states (partition-all states-at-once states)]
    (run! deref (mapv #(future (check-state form caller %)) some-states))))

(deftest the-function-called-from-outside (check :function :outside))
(deftest the-function-called-from-a-handler (check :function :handler))
(deftest the-function-called-from-on-receive (check :function :on-receive))
(deftest the-function-called-from-on-close (check :function :on-close))
(deftest server-stop-called-from-outside (check :promise :outside))
(deftest server-stop-called-from-a-handler (check :promise :handler))
(deftest server-stop-called-from-on-receive (check :promise :on-receive))
(deftest server-stop-called-from-on-close (check :promise :on-close))
(deftest the-method-called-from-outside (check :method :outside))
(deftest the-method-called-from-a-handler (check :method :handler))
(deftest the-method-called-from-on-receive (check :method :on-receive))
(deftest the-method-called-from-on-close (check :method :on-close))

(deftest without-a-timeout-it-is-a-tenth-of-a-second
  (doseq [form [:function-without-timeout :promise-without-timeout]]
    (let [result (outcome (:handler-that-does-not-end states) form :outside)]
      (is (= :end (:sees result)))
      (is (<= 100 (:ms result) (/ patience-ms 2))))))

(deftest a-stop-does-not-wait-for-clients-that-have-their-answers-to-go
  ;; A stop that waited for them would take a second more. One of several is enough: a machine may stand still for a while.
  (doseq [state [:handler-that-ends :requests-that-wait-for-a-thread :half-a-head :long-poll :stream]]
    (let [times (repeatedly 5 #(:ms (outcome (states state) :function :outside)))]
      (is (some #(< % (if (:released (states state)) (+ call-ms 1000) 1000)) times) (str state)))))

(defn- same-as-http-kit? [{:keys [http-kit]}]
  (empty? http-kit))

(deftest each-state-is-in-the-table-with-what-http-kit-does
  (let [rows (into {} (for [[_ row theirs] (re-seq #"(?m)^\| ([^|]+) \|[^|]*\|[^|]*\|[^|]*\| ([^|]+) \|$" (slurp "README.md"))]
                        [row theirs]))]
    (doseq [[row of-row] (group-by :row (vals states))]
      (is (= (every? same-as-http-kit? of-row) (= "the same" (rows row))) row))))

;;;; From a shutdown hook

(defn -main
  "Ends this JVM with a hook that goes through all states, and tells what failed there."
  []
  (.addShutdownHook (Runtime/getRuntime)
    (Thread. (fn []
               (let [told (atom [])]
                 (binding [test/report (fn [{:keys [type] :as m}]
                                         (when-not (= :pass type)
                                           (swap! told conj [(test/testing-contexts-str) (:message m) (:expected m) (:actual m)])))]
                   (check :function :hook)
                   (check :promise :hook)
                   (check :method :hook))
                 (println (if (empty? @told) "all as it should be" (pr-str @told)))
                 (flush)))))
  (System/exit 0))

(deftest the-jvm-waits-for-a-shutdown-hook-that-stops
  (let [java    (str (System/getProperty "java.home") "/bin/java")
        path    (or (System/getProperty "surefire.test.class.path") (System/getProperty "java.class.path"))
        command [java "-cp" path "clojure.main" "-e" "(require 'org.httpkit.stop-test) (org.httpkit.stop-test/-main)"]
        process (.start (doto (ProcessBuilder. ^java.util.List command) (.redirectErrorStream true)))
        told    (future (slurp (.getInputStream process)))]
    (try
      (is (str/ends-with? (str/trim (str (deref told 100000 "not over in time"))) "all as it should be"))
      (finally (.destroyForcibly process)))))

(deftest a-second-stop-returns-at-once
  (doseq [form [:function :promise :method]
          :let [nothing (if (= :method form) false nil)]]
    (let [ctx  {:running (CountDownLatch. 1), :release (CountDownLatch. 1), :ended (atom nil)}
          stop (hk/run-server (fn [_] (call! ctx) {:status 200}) {:ip "127.0.0.1", :port 0})
          ctx  (assoc ctx :port (:local-port (meta stop)))]
      (with-open [_ (get! ctx request)]
        (is (await-latch (:running ctx)))
        (let [first-one (future (stop :timeout long-ms))]
          (while (= :running (hk/server-status (:server (meta stop)))) (Thread/yield))
          (is (= nothing (stop-by form stop long-ms)) "while the first one waits")
          (is (not (realized? first-one)))
          (.countDown ^CountDownLatch (:release ctx))
          (is (nil? (deref first-one patience-ms :none)))
          (is (= nothing (stop-by form stop long-ms)) "when it has stopped"))))))

(deftest an-interrupt-ends-the-wait-and-what-runs
  (let [ctx     {:running (CountDownLatch. 1), :release (CountDownLatch. 1), :ended (atom nil)}
        stop    (hk/run-server (fn [_] (call! ctx) {:status 200}) {:ip "127.0.0.1", :port 0, :error-logger (fn [_ _])})
        ctx     (assoc ctx :port (:local-port (meta stop)))
        left    (promise)
        stopper (Thread. (fn [] (stop :timeout long-ms) (deliver left (.isInterrupted (Thread/currentThread)))))]
    (with-open [client (get! ctx request)]
      (is (await-latch (:running ctx)))
      (.start stopper)
      (while (= :running (hk/server-status (:server (meta stop)))) (Thread/yield))
      (.interrupt stopper)
      (is (true? (deref left patience-ms :none)))
      (is (= :end (seen-by-client client)))
      (hk/server-join (:server (meta stop)))
      (is (= :interrupted @(:ended ctx))))))

(deftest on-close-has-returned-also-where-the-worker-is-the-program-s-own
  (let [pool (java.util.concurrent.Executors/newFixedThreadPool 2)
        told (atom []), open (CountDownLatch. 1)
        stop (hk/run-server (fn [req] (hk/as-channel req {:on-open  (fn [_] (.countDown open))
                                                          :on-close (fn [_ status] (Thread/sleep (long call-ms)) (swap! told conj status))}))
               {:ip "127.0.0.1", :port 0, :worker-pool pool})]
    (try
      (with-open [socket (websocket (:local-port (meta stop)) "/")]
        (is (await-latch open))
        (let [seen (future (let [code (.closeCode (.read socket))] (.close socket) code))]
          (stop :timeout long-ms)
          (is (= [:server-close] @told))
          (is (= 1001 (deref seen patience-ms :none)))))
      (finally (.shutdown pool)))))
