package org.httpkit.ring;

import clojure.lang.APersistentMap;
import clojure.lang.IEditableCollection;
import clojure.lang.IFn;
import clojure.lang.IKVReduce;
import clojure.lang.IMapEntry;
import clojure.lang.IMapIterable;
import clojure.lang.IObj;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.ITransientCollection;
import clojure.lang.MapEntry;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentHashMap;
import clojure.lang.RT;
import clojure.lang.Reduced;
import clojure.lang.Util;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import org.httpkit.server.ChannelOptions;
import org.httpkit.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request as a Ring map. To Clojure it is a persistent map like any other, but it computes a value when its key is
 * read, also in the maps that {@code assoc} and {@code dissoc} make from it. Immutable; safe from any thread.
 */
@SuppressWarnings({"rawtypes", "serial"}) // Clojure's own interfaces are older than both
public final class RequestMap extends APersistentMap implements IObj, IKVReduce, IMapIterable, IEditableCollection {
    private static final Object ABSENT = new Object();
    private static final Object NIL = new Object();

    private final transient RequestValues values;
    /**
     * The differences from the request, by key: a value, {@link #NIL}, {@link #ABSENT}, or null for no difference.
     * Never changed.
     */
    private final transient @Nullable Object @Nullable [] changed;

    private final int absent;
    /** The entries whose keys no request has. */
    private final IPersistentMap others;

    private final @Nullable IPersistentMap meta;

    RequestMap(RequestValues values) {
        this(values, null, 0, RingTls.certificateOf(values.request()), null);
    }

    private RequestMap(
            RequestValues values,
            @Nullable Object @Nullable [] changed,
            int absent,
            IPersistentMap others,
            @Nullable IPersistentMap meta) {
        this.values = values;
        this.changed = changed;
        this.absent = absent;
        this.others = others;
        this.meta = meta;
    }

    /** The request behind the map. */
    public Request request() {
        return values.request();
    }

    /** The options for its channels, as far as the server has been given any: the origins whose pages may open WebSockets. */
    ChannelOptions origins() {
        return values.settings().origins();
    }

    // ---- reading

    private @Nullable Object at(RequestKey key, @Nullable Object notFound) {
        Object own = changed == null ? null : changed[key.place];
        if (own == null) {
            return values.get(key);
        }
        return own == ABSENT ? notFound : own == NIL ? null : own;
    }

    private boolean has(RequestKey key) {
        return changed == null || changed[key.place] != ABSENT;
    }

    @Override
    public @Nullable Object valAt(Object key) {
        return valAt(key, null);
    }

    @Override
    public @Nullable Object valAt(Object key, @Nullable Object notFound) {
        RequestKey known = RequestKey.of(key);
        return known == null ? others.valAt(key, notFound) : at(known, notFound);
    }

    @Override
    public boolean containsKey(Object key) {
        RequestKey known = RequestKey.of(key);
        return known == null ? others.containsKey(key) : has(known);
    }

    @Override
    public @Nullable IMapEntry entryAt(Object key) {
        RequestKey known = RequestKey.of(key);
        if (known == null) {
            return others.entryAt(key);
        }
        return has(known) ? MapEntry.create(known.keyword, at(known, null)) : null;
    }

    @Override
    public int count() {
        return RequestKey.COUNT - absent + others.count();
    }

    @Override
    public @Nullable ISeq seq() {
        return RT.chunkIteratorSeq(iterator());
    }

    @Override
    public Iterator iterator() {
        return new Entries<Object>(others.iterator(), MapEntry::create, true);
    }

    @Override
    public Iterator keyIterator() {
        Iterator<?> entries = others.iterator();
        return new Entries<>(entries, (key, value) -> key, false);
    }

    @Override
    public Iterator valIterator() {
        return new Entries<>(others.iterator(), (key, value) -> value, true);
    }

    @Override
    public @Nullable Object kvreduce(IFn f, @Nullable Object init) {
        Object result = init;
        for (Iterator<?> entries = iterator(); entries.hasNext(); ) {
            IMapEntry entry = (IMapEntry) entries.next();
            result = f.invoke(result, entry.key(), entry.val());
            if (result instanceof Reduced enough) {
                return enough.deref();
            }
        }
        return result;
    }

    // ---- changing

    @Override
    public IPersistentMap assoc(Object key, @Nullable Object value) {
        RequestKey known = RequestKey.of(key);
        if (known == null) {
            return new RequestMap(values, changed, absent, others.assoc(key, value), meta);
        }
        return changed(known, value == null ? NIL : value, has(known) ? absent : absent - 1);
    }

    @Override
    public IPersistentMap assocEx(Object key, @Nullable Object value) {
        if (containsKey(key)) {
            throw Util.runtimeException("Key already present");
        }
        return assoc(key, value);
    }

    @Override
    public IPersistentMap without(Object key) {
        RequestKey known = RequestKey.of(key);
        if (known == null) {
            return others.containsKey(key) ? new RequestMap(values, changed, absent, others.without(key), meta) : this;
        }
        return has(known) ? changed(known, ABSENT, absent + 1) : this;
    }

    private RequestMap changed(RequestKey key, Object value, int absent) {
        Object[] copy = changed == null ? new Object[RequestKey.COUNT] : changed.clone();
        copy[key.place] = value;
        return new RequestMap(values, copy, absent, others, meta);
    }

    @Override
    public IPersistentCollection empty() {
        return (IPersistentCollection) PersistentArrayMap.EMPTY.withMeta(meta);
    }

    /** Makes a transient map, which is no longer lazy. */
    @Override
    public ITransientCollection asTransient() {
        return ((IEditableCollection) PersistentHashMap.create(this)).asTransient();
    }

    @Override
    public @Nullable IPersistentMap meta() {
        return meta;
    }

    @Override
    public IObj withMeta(@Nullable IPersistentMap meta) {
        return new RequestMap(values, changed, absent, others, meta);
    }

    /** Iterates over the keys, the request's first. */
    private final class Entries<T> implements Iterator<@Nullable T> {
        private final Iterator<?> rest;
        private final BiFunction<Object, @Nullable Object, @Nullable T> part;
        private final boolean withValues;
        private int next;

        Entries(Iterator<?> rest, BiFunction<Object, @Nullable Object, @Nullable T> part, boolean withValues) {
            this.rest = rest;
            this.part = part;
            this.withValues = withValues;
            skipAbsent();
        }

        private void skipAbsent() {
            while (next < RequestKey.COUNT && !has(RequestKey.ALL[next])) {
                next++;
            }
        }

        @Override
        public boolean hasNext() {
            return next < RequestKey.COUNT || rest.hasNext();
        }

        @Override
        public @Nullable T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            if (next < RequestKey.COUNT) {
                RequestKey key = RequestKey.ALL[next++];
                skipAbsent();
                return part.apply(key.keyword, withValues ? at(key, null) : null);
            }
            IMapEntry entry = (IMapEntry) rest.next();
            return part.apply(entry.key(), entry.val());
        }
    }
}
