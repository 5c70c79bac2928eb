# What the scripts know of the JDKs on a machine; to be sourced.

# Prints the feature release of a JDK's home, such as 17, from the file every JDK carries.
feature_of() {
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null || true
}

# Prints a JDK as a person would name it.
name_of() {
    local version vendor
    version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$1/release" 2>/dev/null || true)
    vendor=$(sed -n 's/^IMPLEMENTOR="\(.*\)"/\1/p' "$1/release" 2>/dev/null || true)
    echo "JDK ${version:-of unknown version}${vendor:+, $vendor} ($1)"
}

# Prints the home of the newest JDK installed; JAVA_HOME_21, JAVA_HOME_25_X64 and the like are looked at, too.
newest_jdk() {
    local home feature newest="" newest_feature=0 name
    local homes=(/usr/lib/jvm/*/ "$HOME"/.sdkman/candidates/java/*/)
    for name in ${!JAVA_HOME_*}; do
        homes+=("${!name}")
    done
    for home in "${homes[@]}"; do
        home=${home%/}
        feature=$(feature_of "$home")
        if [[ -n $feature && -x $home/bin/java ]] && ((feature > newest_feature)); then
            newest=$home
            newest_feature=$feature
        fi
    done
    echo "$newest"
}
