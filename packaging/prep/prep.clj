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

(defn- delete [folder]
  (run! #(io/delete-file % true) (reverse (file-seq (io/file folder)))))

(defn- rename [from to]
  (when-not (.renameTo (io/file from) (io/file to))
    (throw (ex-info (str "Cannot rename " from " to " to) {}))))

(defn java
  "Called by `clojure -X:deps prep`; with `:force true`, also if the target is there. Needs a JDK, 17 or later."
  [_]
  (let [compiler (or (ToolProvider/getSystemJavaCompiler)
                   (throw (ex-info "There is no Java compiler: run this with a JDK, 17 or later" {})))
        building (str target ".new")
        replaced (str target ".old")
        args     (concat ["-d" building "--release" "17" "-proc:none" "-nowarn"
                          "-classpath" (System/getProperty "java.class.path")]
                   (sources "server/src/main/java")
                   (sources "topics/src/main/java")
                   (sources "ring/src/main/java"))]
    (delete building)
    (delete replaced)
    (.mkdirs (io/file building))
    (when-not (zero? (.run compiler nil nil nil (into-array String args)))
      (throw (ex-info "The Java sources of httpkit do not compile, see above" {})))
    ;; Only now, and whole: what the target is there for counts as prepared.
    (when (.exists (io/file target))
      (rename target replaced))
    (rename building target)
    (delete replaced)))
