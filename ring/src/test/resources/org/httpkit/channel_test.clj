(ns org.httpkit.channel-test
  "Channels over HTTP: answers that come later, or piece by piece."
  (:require [clojure.test       :refer [deftest is testing]]
            [org.httpkit.raw    :refer [ask ask-on await-value connect with-server]]
            [org.httpkit.server :as hk])
  (:import [java.io ByteArrayInputStream File FileNotFoundException IOException InputStream]
           [org.httpkit.server AsyncChannel]))

(defn- get! [^org.httpkit.testkit.RawClient client]
  (.send client "GET / HTTP/1.1\r\nHost: a\r\n\r\n"))

(deftest answers-later-from-another-thread
  (let [channel (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (deliver channel ch))}))]
      (with-open [client (connect port)]
        (get! client)
        (let [ch (await-value channel)]
          (is (true? (hk/open? ch)))
          (is (false? (hk/websocket? ch)))
          (is (true? (hk/send! ch {:status 201, :headers {"X-A" "b"}, :body "later"})))
          (let [resp (.read client)]
            (is (= [201 "b" "later"] [(.status resp) (.field resp "X-A") (.text resp)]))
            (is (= "5" (.field resp "Content-Length"))))
          (is (false? (hk/open? ch)))
          (is (false? (hk/send! ch "too late")))
          (is (false? (hk/close ch))))))))

(deftest a-handler-may-return-the-channel-itself
  (let [channel (promise)]
    (with-server [port (fn [req] (deliver channel (:async-channel req)) {:body (:async-channel req)})]
      (with-open [client (connect port)]
        (get! client)
        (hk/send! (await-value channel) "hijacked")
        (is (= "hijacked" (.text (.read client))))
        (testing "and the connection goes on"
          (get! client))))))

(deftest a-body-alone-is-an-html-page
  (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch "<p>"))}))]
    (is (= [200 "text/html; charset=utf-8" "<p>"]
           ((juxt :status #(get-in % [:headers "Content-Type"]) :body) (ask port "/"))))))

(deftest each-send-is-a-piece
  (let [channel (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (deliver channel ch))}))]
      (with-open [client (connect port)]
        (get! client)
        (let [ch (await-value channel)]
          (hk/send! ch {:status 202, :headers {"Content-Type" "text/plain"}, :body "one"} false)
          (let [head (.readHead client)]
            (is (= [202 "chunked" "text/plain"]
                   [(.status head) (.field head "Transfer-Encoding") (.field head "Content-Type")])))
          (is (= "one" (String. (.readChunk client))))
          (is (true? (hk/send! ch "" false)) "nothing is no end")
          (is (true? (hk/send! ch nil false)))
          (is (true? (hk/send! ch {:status 500, :headers {"X" "y"}, :body "two"} false)))
          (is (= "two" (String. (.readChunk client))))
          (hk/send! ch (list "thr" "ee") false)
          (hk/send! ch (ByteArrayInputStream. (.getBytes "four")) false)
          (is (= "three" (String. (.readChunk client))))
          (is (= "four" (String. (.readChunk client))))
          (is (true? (hk/close ch)))
          (is (false? (hk/close ch)))
          (is (zero? (alength (.readChunk client))) "the last chunk"))))))

(deftest close-before-any-send-is-an-empty-200
  (with-server [port (fn [req] (hk/as-channel req {:on-open hk/close}))]
    (is (= [200 "0" ""] ((juxt :status #(get-in % [:headers "Content-Length"]) :body) (ask port "/"))))))

(deftest what-cannot-be-sent-is-refused-to-the-sender
  (with-server [port (fn [req]
                       (hk/as-channel req
                         {:on-open (fn [ch] (hk/send! ch (try (hk/send! ch 42) (catch IllegalArgumentException _ "refused"))))}))]
    (is (= "refused" (:body (ask port "/"))))))

(defn- unreadable
  "A stream that fails when it is read."
  []
  (proxy [InputStream] []
    (read
      ([] (throw (IOException. "unreadable")))
      ([_ _ _] (throw (IOException. "unreadable"))))))

(deftest what-cannot-be-read-is-500-and-told
  (doseq [[body failure] {(File. "does-not-exist") FileNotFoundException
                          (File. ".")              FileNotFoundException
                          (unreadable)             IOException}
          data           [body {:status 200, :body body}]]
    (testing (str failure (map? data))
      (let [sent (promise), told (promise), events (atom [])]
        (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (deliver sent (hk/send! ch data)))}))
                      {:error-logger (fn [message failure] (deliver told [message (class failure)]))
                       :event-logger (fn [event] (swap! events conj event))}]
          (is (= [500 "Internal Server Error"] ((juxt :status :body) (ask port "/"))))
          (is (true? (await-value sent)))
          (is (= ["GET /" failure] (await-value told)))
          (is (= ["httpkit.server.status.500"] @events))))))
  (testing "with the page for it, if there is one"
    (doseq [[page expected] {(fn [status _ req] {:status 299, :body (str status (:uri req))})       [500 "500/a"]
                             (fn [_ _ _] nil)                                                        [500 "Internal Server Error"]
                             (fn [_ _ _] (throw (ex-info "meant" {})))                               [500 "Internal Server Error"]}]
      (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch (File. "does-not-exist")))}))
                    {:error-pages page, :error-logger (fn [_ _])}]
        (is (= expected ((juxt :status :body) (ask port "/a"))))))))

(deftest a-response-breaks-off-where-it-cannot-be-read
  (let [told (promise), status (promise)]
    (with-server [port (fn [req]
                         (hk/as-channel req {:on-open  (fn [ch]
                                                         (hk/send! ch "begun" false)
                                                         (hk/send! ch (File. "does-not-exist") false))
                                             :on-close (fn [_ s] (deliver status s))}))
                  {:error-logger (fn [_ failure] (deliver told (class failure)))}]
      (with-open [client (connect port)]
        (get! client)
        (.readHead client)
        (is (= "begun" (String. (.readChunk client))))
        (is (nil? (.readChunk client)) "without the last chunk")
        (is (= FileNotFoundException (await-value told)))
        (is (= :server-close (await-value status)))))))

(deftest what-comes-too-late-is-closed-unread
  (doseq [wrap [identity (fn [body] {:status 200, :body body})]]
    (let [late (promise), log (atom [])
          data (proxy [InputStream] []
                 (read ([] (swap! log conj :read) -1) ([_ _ _] (swap! log conj :read) -1))
                 (close [] (swap! log conj :closed)))]
      (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch]
                                                                  (hk/send! ch "in time")
                                                                  (deliver late [(hk/send! ch (wrap data))
                                                                                 (hk/send! ch (wrap 42))
                                                                                 (hk/send! ch (wrap (File. "does-not-exist")))]))}))]
        (is (= "in time" (:body (ask port "/"))))
        (is (= [false false false] (await-value late)))
        (is (= [:closed] @log))))))

(deftest the-order-of-as-channel
  (let [log  (atom [])
        note (fn [event] (fn [& _] (swap! log conj event)))
        done (promise)]
    (with-server [port (fn [req]
                         (hk/as-channel req {:init     (note :init)
                                             :on-open  (fn [ch] ((note :on-open)) (hk/send! ch "x"))
                                             :on-close (fn [_ status] ((note status)) (deliver done true))}))]
      (ask port "/")
      (await-value done)
      (is (= [:init :on-open :server-close] @log)))))

(deftest the-end-is-told
  (testing "by a client that goes away"
    (let [status (promise), opened (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [_] (deliver opened true))
                                                       :on-close (fn [_ s] (deliver status s))}))]
        (with-open [client (connect port)]
          (get! client)
          (await-value opened))
        (is (= :client-close (await-value status))))))
  (testing "to one who asks late"
    (let [channel (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open (fn [ch] (hk/send! ch "x") (deliver channel ch))}))]
        (ask port "/")
        (let [status (promise)]
          (hk/on-close (await-value channel) (fn [s] (deliver status s)))
          (is (= :server-close (await-value status)))))))
  (testing "by the server's stop"
    (let [status (promise), opened (promise)
          stop   (hk/run-server (fn [req] (hk/as-channel req {:on-open  (fn [_] (deliver opened true))
                                                              :on-close (fn [_ s] (deliver status s))}))
                   {:ip "127.0.0.1", :port 0})]
      (with-open [client (connect (:local-port (meta stop)))]
        (get! client)
        (await-value opened)
        (stop :timeout 50)
        (is (= :server-close (await-value status)))))))

(deftest the-end-of-a-response-is-told-by-the-call-that-brings-it
  (doseq [end [#(hk/send! % "x") #(hk/send! % {:status 200, :body "x"} true) #(hk/close %)
               #(do (hk/send! % "x" false) (hk/close %)) #(.serverClose ^AsyncChannel % 1000)]]
    (let [told (atom []), at-return (promise)]
      (with-server [port (fn [req] (hk/as-channel req
                                     {:on-open  (fn [ch] (end ch) (deliver at-return @told))
                                      :on-close (fn [ch status] (swap! told conj [status (hk/open? ch) (hk/send! ch "late")]))}))]
        (is (= 200 (:status (ask port "/"))))
        (is (= [[:server-close false false]] @told) "whoever has the answer finds it told")
        (is (= @told (await-value at-return)))))))

(deftest what-on-close-throws-keeps-no-answer-back
  (let [failure (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-open  (fn [ch] (hk/send! ch "sent"))
                                                     :on-close (fn [_ _] (throw (ex-info "meant" {})))}))
                  {:error-logger (fn [_ e] (deliver failure (ex-message e)))}]
      (is (= "sent" (:body (ask port "/"))))
      (is (= "meant" (await-value failure))))))

(deftest a-client-that-goes-is-told-of-while-the-program-is-busy-with-its-channel
  (testing "on-open goes on for as long as the client is there"
    (let [opened (promise), status (promise), ended (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open  (fn [ch]
                                                                   (deliver opened (hk/send! ch "tick" false))
                                                                   (deliver ended (await-value status)))
                                                       :on-close (fn [_ s] (deliver status s))}))]
        (with-open [client (connect port)]
          (get! client)
          (await-value opened))
        (is (= :client-close (await-value ended))))))
  (testing "a handler waits for the end of a channel that it does not use"
    (let [called (promise), status (promise), ended (promise)]
      (with-server [port (fn [req]
                           (hk/on-close (:async-channel req) (fn [s] (deliver status s)))
                           (deliver called true)
                           (deliver ended (await-value status))
                           {:status 200})]
        (with-open [client (connect port)]
          (get! client)
          (await-value called))
        (is (= :client-close (await-value ended)))))))

(deftest on-open-has-returned-before-another-thread-s-end-is-told
  (let [log (atom []), done (promise)]
    (with-server [port (fn [req] (hk/as-channel req {:on-open  (fn [ch]
                                                                 @(future (hk/send! ch "by another"))
                                                                 (swap! log conj :opened))
                                                     :on-close (fn [_ _] (swap! log conj :closed) (deliver done true))}))]
      (is (= "by another" (:body (ask port "/"))))
      (await-value done)
      (is (= [:opened :closed] @log)))))

(deftest a-channel-that-nobody-answers-on-is-closed-with-the-answer
  (doseq [[answer status] {(fn [_] {:status 200})                200
                           (fn [_] (throw (ex-info "meant" {}))) 500
                           (fn [_] nil)                          404}]
    (let [closed (promise), channel (promise)]
      (with-server [port (fn [req] (hk/as-channel req {:on-open  (fn [ch] (deliver channel ch))
                                                       :on-close (fn [_ s] (deliver closed s))})
                           (answer req))
                    {:error-logger (fn [_ _])}]
        (is (= status (:status (ask port "/"))))
        (is (= :server-close (await-value closed)))
        (is (false? (hk/send! (await-value channel) "late")))))))

(deftest middleware-may-begin-the-response-before-the-handler-has-returned
  (let [channel (promise)
        handler (fn [req] (assoc (hk/as-channel req {}) :status 202, :headers {"Content-Type" "text/event-stream"}))
        wrapped (fn [req]
                  (let [{ch :body :as response} (handler req)]
                    (hk/send! ch (dissoc response :body) false)
                    (deliver channel ch)
                    response))]
    (with-server [port wrapped]
      (with-open [client (connect port)]
        (get! client)
        (let [head (.readHead client)]
          (is (= [202 "text/event-stream"] [(.status head) (.field head "Content-Type")])))
        (is (true? (hk/send! (await-value channel) (.getBytes "data: 1\n\n") false)))
        (is (= "data: 1\n\n" (String. (.readChunk client))))
        (is (true? (hk/close (await-value channel))))
        (is (zero? (alength (.readChunk client))))))))

(deftest a-handler-is-set-once
  (let [thrown (promise)]
    (with-server [port (fn [req]
                         (let [ch (:async-channel req)]
                           (hk/on-close ch (fn [_]))
                           (deliver thrown (try (hk/on-close ch (fn [_])) (catch IllegalStateException e e)))
                           {:status 200}))]
      (is (= 200 (:status (ask port "/"))))
      (is (instance? IllegalStateException (await-value thrown))))))

(deftest without-a-channel-there-is-nothing
  (is (nil? (hk/as-channel {:uri "/"} {:on-open (fn [_] (throw (ex-info "not called" {})))}))))

(deftest as-channel-asks-nothing-of-a-mock-but-the-protocol
  (let [calls (atom [])
        mock  (reify hk/Channel
                (open? [_] true)
                (websocket? [_] false)
                (close [_] true)
                (send! [_ data] (swap! calls conj [:send! data]) true)
                (send! [_ data close?] (swap! calls conj [:send! data close?]) true)
                (on-receive [_ _] (swap! calls conj :on-receive))
                (on-ping [_ _] (swap! calls conj :on-ping))
                (on-close [_ _] (swap! calls conj :on-close)))]
    (is (= {:body mock} (hk/as-channel {:async-channel mock} {:on-open (fn [ch] (hk/send! ch "hello"))})))
    (is (= [[:send! "hello"]] @calls))
    (hk/as-channel {:async-channel mock} {:on-close (fn [_ _]) :on-receive (fn [_ _])})
    (is (= [[:send! "hello"] :on-close] @calls))))

(deftest vars-can-be-redefined
  (with-redefs [hk/as-channel (fn [_ _] {:status 299})]
    (is (= {:status 299} (hk/as-channel {} {}))))
  (let [mock   (Object.)
        opened (atom nil)]
    (with-redefs [hk/websocket-handshake-check         (constantly "accepted")
                  hk/send-checked-websocket-handshake! (fn [ch accept] (reset! opened [ch accept]))]
      (is (= {:body mock} (hk/as-channel {:async-channel mock :websocket? true} {:on-open (fn [_])})))
      (is (= [mock "accepted"] @opened)))))

(deftest channels-are-of-the-class-that-programs-name
  (let [seen (promise)]
    (with-server [port (fn [req]
                         (let [^AsyncChannel ch (:async-channel req)]
                           (deliver seen [(instance? AsyncChannel ch) (.isClosed ch) (.isWebSocket ch) (.hasCloseHandler ch)
                                          (do (.setCloseHandler ch (fn [_])) (.hasCloseHandler ch))
                                          (str ch) (= ch (:async-channel req))
                                          (.send ch {:status 200 :body "by its method"} true)
                                          (.serverClose ch 1000) (.serverClose ch 1000 "again")])
                           {:body ch}))]
      (is (= "by its method" (:body (ask port "/"))))
      (let [told (await-value seen)]
        (is (= [true false false false true] (take 5 told)))
        (is (re-matches #".*127\.0\.0\.1:\d+<->.*127\.0\.0\.1:\d+" (nth told 5)))
        (is (= [true true false false] (drop 6 told)))))))

(defprotocol Greeting (greet [x]))
(extend-type AsyncChannel Greeting (greet [_] "hello"))

(deftest protocols-can-be-extended-to-channels
  (with-server [port (fn [req] {:body (greet (:async-channel req))})]
    (is (= "hello" (:body (ask port "/"))))))

(deftest with-channel-still-works
  (with-server [port (fn [req] (hk/with-channel req ch
                                 (hk/on-close ch (fn [_]))
                                 (hk/send! ch {:status 200 :body "with-channel"})))]
    (is (= "with-channel" (:body (ask port "/"))))))
