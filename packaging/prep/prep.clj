(ns prep
  "Compiles the server and the Java beneath the Clojure namespaces, for tools.deps."
  (:require [clojure.java.io :as io])
  (:import (javax.tools ToolProvider)))

(def ^:private target "target/prep")

(defn- sources [folder]
  (for [file (file-seq (io/file folder))
        :let [path (str file)]
        :when (and (.endsWith path ".java") (not (.endsWith path "module-info.java")))]
    path))

(defn java
  "Called by `clojure -X:deps prep`. Needs a JDK, 17 or later."
  [_]
  (let [compiler (or (ToolProvider/getSystemJavaCompiler)
                   (throw (ex-info "There is no Java compiler: run this with a JDK, 17 or later" {})))
        building (io/file (str target ".new"))
        args     (concat ["-d" (str building) "--release" "17" "-proc:none" "-nowarn"
                          "-classpath" (System/getProperty "java.class.path")]
                   (sources "server/src/main/java")
                   (sources "topics/src/main/java")
                   (sources "ring/src/main/java"))]
    (.mkdirs building)
    (when-not (zero? (.run compiler nil nil nil (into-array String args)))
      (throw (ex-info "The Java sources of httpkit do not compile, see above" {})))
    ;; Only now: what the target is there for counts as prepared.
    (when-not (.renameTo building (io/file target))
      (throw (ex-info (str "Cannot rename " building " to " target) {})))))
