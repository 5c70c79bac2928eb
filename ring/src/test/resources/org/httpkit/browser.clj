(ns org.httpkit.browser
  "Chromium without a screen, with a fresh profile, for tests of a page. It is driven by the little of WebDriver's protocol
  that they need, so they need no library."
  (:require [clojure.java.io :as io]
            [clojure.string  :as str])
  (:import [java.io BufferedReader File]
           [java.lang ProcessHandle]
           [java.net URI URLDecoder]
           [java.net.http HttpClient HttpClient$Version HttpRequest HttpRequest$BodyPublishers HttpResponse
                          HttpResponse$BodyHandlers]
           [java.nio.file Files]
           [java.nio.file.attribute FileAttribute]
           [java.time Duration]
           [java.util.concurrent.locks LockSupport]))

(defn- on-path? [program]
  (some #(.canExecute (io/file % program)) (str/split (or (System/getenv "PATH") "") (re-pattern File/pathSeparator))))

(defn installed? []
  (boolean (and (on-path? "chromium") (on-path? "chromedriver"))))

(defn- json
  "Clojure and JSON write strings alike, as long as they have no unusual control characters."
  [value]
  (cond
    (map? value)        (str "{" (str/join "," (for [[k v] value] (str (json (name k)) ":" (json v)))) "}")
    (sequential? value) (str "[" (str/join "," (map json value)) "]")
    (string? value)     (pr-str value)
    :else               (str value)))

(defn- ask
  "The text of the answer to one command. There is no parser for it: callers have the page encode what is not plain."
  ([browser method path] (ask browser method path nil))
  ([{:keys [^HttpClient client address]} method path body]
   (let [request                (-> (HttpRequest/newBuilder (URI/create (str address path)))
                                  (.timeout (Duration/ofSeconds 30))
                                  (.method method (if body
                                                    (HttpRequest$BodyPublishers/ofString (json body))
                                                    (HttpRequest$BodyPublishers/noBody)))
                                  (.build))
         ^HttpResponse response (.send client request (HttpResponse$BodyHandlers/ofString))]
     (when (not= 200 (.statusCode response))
       (throw (ex-info (str method " " path ": " (.body response)) {})))
     (.body response))))

(defn- start-driver [folder]
  (let [builder (doto (ProcessBuilder. ^"[Ljava.lang.String;" (into-array ["chromedriver" "--port=0"]))
                  (.redirectErrorStream true))]
    (.put (.environment builder) "TMPDIR" (str folder))
    (.start builder)))

(defn- port-of
  "Where the driver listens, as it says when it has started."
  [^Process driver]
  (let [^BufferedReader lines (io/reader (.getInputStream driver))]
    (or (some #(second (re-find #"started successfully on port (\d+)" %)) (line-seq lines))
        (throw (ex-info "chromedriver ended without a port" {})))))

(defn- open-session [driver folder]
  (let [browser {:client  (-> (HttpClient/newBuilder) (.version HttpClient$Version/HTTP_1_1) (.build))
                 :address (str "http://127.0.0.1:" (port-of driver) "/session")}
        answer  (ask browser "POST" ""
                  {:capabilities
                   {:alwaysMatch
                    {"goog:loggingPrefs"  {:browser "WARNING"}
                     "goog:chromeOptions" {:args ["--headless=new" "--no-sandbox" "--disable-gpu" "--disable-dev-shm-usage"
                                                  "--disable-quic" "--no-first-run" "--no-proxy-server"
                                                  "--disable-background-networking" "--disable-component-update"
                                                  "--disable-sync" "--window-size=1280,900"
                                                  (str "--user-data-dir=" (io/file folder "profile"))]}}}})]
    (update browser :address str "/" (second (re-find #"\"sessionId\":\"([^\"]+)\"" answer)))))

(defn- end [^Process driver]
  (run! #(.destroy ^ProcessHandle %) (iterator-seq (.iterator (.descendants (.toHandle driver)))))
  (.destroy driver)
  (.waitFor driver))

(defn run-in-browser
  "Calls a function with a browser, and ends the browser's processes."
  [f]
  (let [folder (.toFile (Files/createTempDirectory "page" (make-array FileAttribute 0)))
        driver (start-driver folder)]
    (try
      (let [browser (open-session driver folder)]
        (try
          (f browser)
          (finally (ask browser "DELETE" ""))))
      (finally
        (end driver)
        (run! #(.delete ^File %) (reverse (file-seq folder)))))))

(defn go [browser address]
  (ask browser "POST" "/url" {:url address}))

(defn back [browser]
  (ask browser "POST" "/back" {}))

(defn value
  "The value of an expression in JavaScript, as text."
  [browser expression]
  (let [answer (ask browser "POST" "/execute/sync"
                 {:script (str "return encodeURIComponent(String(" expression "))"), :args []})]
    (URLDecoder/decode ^String (second (re-find #"\"value\":\"(.*)\"" answer)) "UTF-8")))

(defn becomes?
  "Waits until the expression is true, for thirty seconds at most; returns whether it became so."
  [browser expression]
  (let [deadline (+ (System/nanoTime) 30000000000)]
    (loop []
      (cond
        (= "true" (value browser expression)) true
        (< deadline (System/nanoTime))        false
        :else                                 (do (LockSupport/parkNanos 50000000) (recur))))))

(defn text
  "What a reader sees of an element."
  [browser selector]
  (value browser (str "document.querySelector(" (json selector) ").innerText.trim()")))

(defn- element [browser selector]
  (let [answer (ask browser "POST" "/element" {:using "css selector", :value selector})]
    (str "/element/" (second (re-find #"\"element-[^\"]+\":\"([^\"]+)\"" answer)))))

(defn click [browser selector]
  (value browser (str "document.querySelector(" (json selector) ").scrollIntoView({block: 'center'})"))
  (ask browser "POST" (str (element browser selector) "/click") {}))

(defn enter
  "Puts text into a field."
  [browser selector text]
  (let [field (element browser selector)]
    (ask browser "POST" (str field "/clear") {})
    (ask browser "POST" (str field "/value") {:text text})))

(defn press-tab [browser]
  (ask browser "POST" "/actions"
    {:actions [{:type "key", :id "keyboard", :actions [{:type "keyDown", :value "\ue004"} {:type "keyUp", :value "\ue004"}]}]}))

(defn resize
  "Makes the page so wide; no window of Chromium's own is as narrow as a phone."
  [browser width]
  (ask browser "POST" "/goog/cdp/execute"
    {:cmd "Emulation.setDeviceMetricsOverride", :params {:width width, :height 844, :deviceScaleFactor 1, :mobile true}}))

(defn complaints
  "The warnings and errors on the console since the last call."
  [browser]
  (map second (re-seq #"\"message\":\"((?:\\.|[^\"\\])*)\"" (ask browser "POST" "/se/log" {:type "browser"}))))
