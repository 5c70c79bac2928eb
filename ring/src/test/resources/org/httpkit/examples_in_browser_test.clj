(ns org.httpkit.examples-in-browser-test
  "The page of the examples at work, in a real browser."
  (:require [clojure.string      :as str]
            [clojure.test        :refer [deftest is]]
            [examples.main       :as main]
            [org.httpkit.browser :refer [back becomes? click complaints enter go press-tab resize run-in-browser text value]]
            [org.httpkit.raw     :refer [read-text websocket]]))

(defn- start [port]
  (main/start {:ip "127.0.0.1", :port port, :error-logger (fn [_ _])}))

(defn- open [browser port]
  (go browser (str "http://localhost:" port "/"))
  (is (becomes? browser "document.querySelectorAll('.card .source .literal').length > 0
                         && document.querySelector('.presence').dataset.is === 'connected'")))

(defn- with-page
  "Calls a function with a browser that shows the page, and the server's port."
  [f]
  (run-in-browser
    (fn [browser]
      (let [stop (start 0)]
        (try
          (let [port (:local-port (meta stop))]
            (open browser port)
            (f browser port)
            (is (empty? (complaints browser))))
          (finally (stop)))))))

(defn- with-page-that-loses-its-server
  "Calls a function with a browser that shows the page, a function that stops the server, and one that starts it again."
  [f]
  (run-in-browser
    (fn [browser]
      (let [stop    (start 0)
            port    (:local-port (meta stop))
            running (atom stop)]
        (try
          (open browser port)
          (f browser #(@running) #(reset! running (start port)))
          (is (not-any? (partial re-find #"Uncaught") (complaints browser)))
          (finally (@running)))))))

(defn- words
  "The coloured words of one kind in a place."
  [browser place kind]
  (str/split (value browser (str "[...document.querySelectorAll('" place " ." kind "')].map(word => word.textContent).join('|')"))
    #"\|"))

(deftest sources-are-coloured-as-clojure
  (with-page
    (fn [browser _]
      (is (becomes? browser "[...document.querySelectorAll('.card .source')].every(source => source.querySelector('.keyword'))"))
      (is (= [";; Nobody waits for ever: 204 means, ask again."] (words browser "#counter" "remark")))
      (is (= ["0" "200" "200" "20000" "204"] (words browser "#counter" "number")))
      (is (str/starts-with? (first (words browser "#counter" "string")) "\"A counter that clients watch"))
      (is (str/ends-with? (first (words browser "#counter" "string")) "and gets\n  a response once that has changed.\""))
      (is (every? (set (words browser "#counter" "literal")) [":require" ":on-open" ":keys"]))
      (is (every? (set (words browser "#counter" "keyword")) ["ns" "def" "defn-" "defn" "when" "fn" "if"]))
      (is (= #{"^:private"} (set (words browser "#counter" "annotation"))))
      (is (= ["LocalTime" "ChronoUnit" "LocalTime" "ChronoUnit"] (words browser "#clock" "type")))
      (is (= ["fn"] (words browser ".first" "keyword"))))))

(deftest the-header-of-a-source-opens-the-whole-file
  (with-page
    (fn [browser _]
      (is (= "chat.clj" (text browser "#chat .source header span")))
      (click browser "#chat .source header a")
      (is (becomes? browser "location.pathname === '/source/chat.clj'"))
      (is (= "text/plain" (value browser "document.contentType")))
      (is (str/starts-with? (text browser "body") "(ns examples.chat"))
      (back browser)
      (is (becomes? browser "document.querySelector('#chat .presence')?.dataset.is === 'connected'"))
      (complaints browser)))) ; of the text, which has no icon, and of the WebSocket, which ended with the page

(deftest a-long-source-begins-folded
  (with-page
    (fn [browser _]
      (click browser ".together summary")
      (is (becomes? browser "document.querySelectorAll('.together .source button').length === 1"))
      (let [height "[...document.querySelectorAll('.together pre')].reduce((sum, pre) => sum + pre.clientHeight, 0)"
            folded (parse-long (value browser height))]
        (click browser ".together .source button")
        (is (< (+ 100 folded) (parse-long (value browser height))))))))

(deftest a-demo-stays-in-view-beside-a-long-source
  (with-page
    (fn [browser _]
      (value browser "document.querySelector('#later .source code').append('\\n'.repeat(200))")
      (value browser "document.querySelector('#later').scrollIntoView({block: 'end'})")
      (is (becomes? browser "document.querySelector('#later').getBoundingClientRect().top < -1000"))
      (is (becomes? browser "document.querySelector('#later .about').getBoundingClientRect().top >= 0")))))

(deftest a-chat
  (with-page
    (fn [browser port]
      (with-open [other (websocket port "/chat")]
        (is (= "2 here" (read-text other)))
        (enter browser "#chat [name=text]" "Grüezi")
        (click browser "#chat form button")
        (is (= "Grüezi" (read-text other)))
        (is (becomes? browser "document.querySelector('#chat .answer').innerText.includes('heard after')"))
        (.text other "Salü")
        (is (becomes? browser "document.querySelector('#chat .talk li:last-child').textContent === 'Salü'"))))))

(deftest a-counter
  (with-page
    (fn [browser _]
      (click browser "#counter [name=watch]")
      (is (becomes? browser "/^\\d+$/.test(document.querySelector('#counter .dial').textContent)"))
      (let [before (parse-long (text browser "#counter .dial"))]
        (click browser "#counter form button:not([type])")
        (is (becomes? browser (str "document.querySelector('#counter .dial').textContent === '" (inc before) "'")))))))

(deftest a-clock-that-can-be-stopped
  (with-page
    (fn [browser _]
      (click browser "#clock form button:not([type])")
      (is (becomes? browser "/^\\d\\d:\\d\\d/.test(document.querySelector('#clock .dial').textContent)"))
      (is (= "Listening" (text browser "#clock .status b")))
      (click browser "#clock [name=stop]")
      (is (= "Stopped" (text browser "#clock .status b"))))))

(deftest an-answer-that-comes-later
  (with-page
    (fn [browser _]
      (click browser "#later form button")
      (is (becomes? browser "document.querySelector('#later .answer pre')?.textContent === 'Half a second later.'"))
      (is (= "200 OK" (text browser "#later .status b"))))))

(deftest the-page-says-what-is-lost-and-takes-it-up-again
  (with-page-that-loses-its-server
    (fn [browser stop start]
      (click browser "#clock form button:not([type])")
      (is (becomes? browser "document.querySelector('#clock .dial').textContent.includes(':')"))
      (stop)
      (is (becomes? browser "document.querySelectorAll('#chat .talk.stale, #clock .dial.stale, #counter .dial.stale').length === 3"))
      (is (str/starts-with? (text browser "#chat .presence") "Lost"))
      (is (= "Lost" (text browser "#clock .status b")))
      (enter browser "#chat [name=text]" "Is anybody there?")
      (click browser "#chat form button")
      (is (= "Not sent" (text browser "#chat .status b")))
      (is (= "Is anybody there?" (value browser "document.querySelector('#chat [name=text]').value")))
      (click browser "#later form button")
      (is (becomes? browser "document.querySelector('#later .status b')?.textContent === 'No answer'"))
      (click browser "#counter form button:not([type])")
      (is (becomes? browser "document.querySelector('#counter .status b')?.textContent === 'No answer'"))
      (start)
      (is (becomes? browser "document.querySelector('#chat .presence').dataset.is === 'connected'"))
      (is (becomes? browser "document.querySelectorAll('.stale').length === 0"))
      (click browser "#chat form button")
      (is (becomes? browser "document.querySelector('#chat .answer').innerText.includes('heard after')")))))

(deftest the-navigation-follows-on-a-phone
  (with-page
    (fn [browser _]
      (resize browser 320)
      (is (becomes? browser "innerWidth === 320 && document.documentElement.scrollWidth <= 320"))
      (click browser ".together summary")
      (is (becomes? browser "document.querySelector('.together pre')?.clientHeight > 300"))
      (doseq [id ["together" "chat"]]
        (value browser (str "document.getElementById('" id "').scrollIntoView()"))
        (is (becomes? browser (str "document.querySelector('.contents [aria-current]')?.hash === '#" id "'")))
        (is (becomes? browser "(({left, right, top}) => left >= 0 && right <= 320 && top >= 0)
                               (document.querySelector('.contents [aria-current]').getBoundingClientRect())"))))))

(deftest the-keyboard-reaches-the-examples-at-once
  (with-page
    (fn [browser _]
      (press-tab browser)
      (is (= "#examples" (value browser "document.activeElement.hash")))
      (is (becomes? browser "document.activeElement.getBoundingClientRect().left >= 0"))
      (is (= "solid" (value browser "getComputedStyle(document.activeElement).outlineStyle")))
      (click browser "a.skip")
      (is (= "#examples" (value browser "location.hash"))))))

(deftest targets-are-large-enough-for-a-finger
  (with-page
    (fn [browser _]
      (doseq [width [1280 390]]
        (resize browser width)
        (is (becomes? browser (str "innerWidth === " width)))
        (is (= "" (value browser "[...document.querySelectorAll('a, button, input, summary')]
                                  .filter(each => each.getBoundingClientRect().height < 24)
                                  .map(each => each.outerHTML).join()")))))))
