package io.zenmesh.xds.server;

import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One resource type on one delta stream: what the node asked for, what it holds, and what is on its
 * way to it. Pure bookkeeping without I/O or time; the owner's lock guards it.
 *
 * <p>At most one response is on its way: the next is computed only after the former was answered,
 * so that the latest snapshot wins however many were published meanwhile. See the xDS protocol,
 * "Incremental xDS".
 */
final class DeltaState {
  private static final String WILDCARD = "*";

  /** The resources and removed names of one response. */
  record Batch(List<Resource> updated, List<String> removed) {}

  /** What a request said about the response that is on its way. */
  enum Answer {
    NONE,
    ACK,
    NACK,
    /** It named another response: one that was answered before, or of another stream. */
    STALE
  }

  private record InFlight(String nonce, Batch batch) {}

  private final ResourceType type;
  private final NodeLedger ledger;
  private boolean wildcard;
  private final Set<String> named = new TreeSet<>();
  private final Map<String, String> held = new HashMap<>();
  private final Set<String> askedAgain = new HashSet<>();
  private final Set<String> toldAbsent = new HashSet<>();
  private final Map<String, String> suspects = new LinkedHashMap<>();
  private Optional<InFlight> inFlight = Optional.empty();
  private boolean overdue;
  private boolean firstAnswerOwed;
  private boolean removalRefused;

  /**
   * The state after the first request of a type on a stream.
   *
   * @param initial what the node says it holds from a former stream, name to version
   */
  DeltaState(
      ResourceType type,
      NodeLedger ledger,
      Collection<String> subscribe,
      Map<String, String> initial) {
    this.type = type;
    this.ledger = ledger;
    wildcard = subscribe.isEmpty() || subscribe.contains(WILDCARD);
    firstAnswerOwed = wildcard;
    named.addAll(subscribe);
    named.remove(WILDCARD);
    initial.forEach(this::holdIfWanted);
    for (Resource resource : ledger.desired(type).values()) {
      if (resource.version().equals(held.get(resource.name()))) {
        ledger.accepted(resource);
      }
    }
  }

  /** A later request's changes. A name asked for again is sent again: the node forgot it. */
  void change(Collection<String> subscribe, Collection<String> unsubscribe) {
    for (String name : subscribe) {
      if (name.equals(WILDCARD)) {
        firstAnswerOwed |= !wildcard;
        wildcard = true;
      } else {
        named.add(name);
        askAgain(name);
      }
    }
    for (String name : unsubscribe) {
      if (name.equals(WILDCARD)) {
        wildcard = false;
        held.keySet().retainAll(named);
      } else if (named.remove(name)) {
        forget(name);
      }
    }
  }

  private void askAgain(String name) {
    askedAgain.add(name);
    toldAbsent.remove(name);
  }

  private void forget(String name) {
    held.remove(name);
    toldAbsent.remove(name);
    askedAgain.remove(name);
    if (wildcard) {
      // The node dropped its own interest, and with it perhaps the resource: send it once more.
      askedAgain.add(name);
    }
  }

  private boolean wants(String name) {
    return wildcard || named.contains(name);
  }

  private void holdIfWanted(String name, String version) {
    if (wants(name)) {
      held.put(name, version);
    }
  }

  /** How many names the node has made us remember. */
  int names() {
    return named.size() + askedAgain.size();
  }

  /** What is to be sent next, removals of held resources aside; empty when nothing is. */
  Optional<Batch> nextUpdates() {
    if (inFlight.isPresent() || !ledger.published()) {
      return Optional.empty();
    }
    List<Resource> batch = new ArrayList<>();
    List<Resource> singles = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    for (String name : interesting()) {
      Optional<Resource> missing = missing(name);
      if (missing.isPresent()) {
        boolean suspect = missing.get().version().equals(suspects.get(name));
        (suspect ? singles : batch).add(missing.get());
      } else if (mustTellAbsent(name)) {
        absent.add(name);
      }
    }
    if (!batch.isEmpty() || !absent.isEmpty()) {
      return Optional.of(new Batch(batch, absent));
    }
    if (!singles.isEmpty()) {
      return Optional.of(new Batch(List.of(singles.getFirst()), List.of()));
    }
    return firstAnswerOwed ? Optional.of(new Batch(List.of(), List.of())) : Optional.empty();
  }

  /** The names the node holds and nobody publishes any more; sent apart, after all updates. */
  Optional<Batch> nextRemovals() {
    if (inFlight.isPresent() || !ledger.published()) {
      return Optional.empty();
    }
    Set<String> published = ledger.desired(type).keySet();
    List<String> gone =
        held.keySet().stream().filter(n -> !published.contains(n)).sorted().toList();
    return gone.isEmpty() ? Optional.empty() : Optional.of(new Batch(List.of(), gone));
  }

  private Set<String> interesting() {
    if (!wildcard) {
      return named;
    }
    Set<String> all = new TreeSet<>(ledger.desired(type).keySet());
    all.addAll(named);
    all.addAll(askedAgain);
    return all;
  }

  private Optional<Resource> missing(String name) {
    Resource wanted = ledger.desired(type).get(name);
    boolean again = askedAgain.contains(name);
    if (wanted != null && !again && wanted.version().equals(held.get(name))) {
      return Optional.empty();
    }
    return ledger.sendable(type, name).filter(r -> again || !r.version().equals(held.get(name)));
  }

  private boolean mustTellAbsent(String name) {
    if (toldAbsent.contains(name)) {
      return false;
    }
    boolean kept = held.containsKey(name) && ledger.desired(type).containsKey(name);
    if (kept) {
      // Its published version is parked: the node stays on what it has.
      return false;
    }
    return askedAgain.contains(name) || (named.contains(name) && !held.containsKey(name));
  }

  /** The batch goes out under {@code nonce}. */
  void sent(Batch batch, String nonce, Instant now) {
    inFlight = Optional.of(new InFlight(nonce, batch));
    overdue = false;
    firstAnswerOwed = false;
    for (Resource resource : batch.updated()) {
      askedAgain.remove(resource.name());
      toldAbsent.remove(resource.name());
    }
    batch.removed().forEach(askedAgain::remove);
    batch.removed().stream().filter(named::contains).forEach(toldAbsent::add);
    ledger.sent(type, now);
  }

  /** The node's word on the response named {@code nonce}. */
  Answer answer(String nonce, Optional<String> refusal, Instant now) {
    if (inFlight.isEmpty() || !inFlight.get().nonce().equals(nonce)) {
      return Answer.STALE;
    }
    Batch batch = inFlight.get().batch();
    inFlight = Optional.empty();
    overdue = false;
    // Of what it brought, what was refused and is still wanted is parked or tried alone.
    removalRefused = refusal.isPresent() && batch.updated().isEmpty();
    ledger.answered(type, refusal, now);
    // A removal is not asked for twice, whatever the node thinks of it.
    batch.removed().forEach(held::remove);
    if (refusal.isPresent()) {
      refused(batch.updated());
      return Answer.NACK;
    }
    for (Resource resource : batch.updated()) {
      suspects.remove(resource.name(), resource.version());
      holdIfWanted(resource.name(), resource.version());
      ledger.acknowledged(resource, now);
    }
    return Answer.ACK;
  }

  /**
   * One resource is the culprit; of several each gets one try of its own to prove its innocence.
   */
  private void refused(List<Resource> resources) {
    if (resources.size() == 1) {
      Resource culprit = resources.getFirst();
      suspects.remove(culprit.name());
      ledger.park(culprit);
      if (named.contains(culprit.name())) {
        // It had its answer: a refused first version needs no "does not exist" behind it.
        toldAbsent.add(culprit.name());
      }
    } else {
      resources.forEach(resource -> suspects.put(resource.name(), resource.version()));
    }
  }

  /** The time others wait for the response {@code nonce} is over; whether that changes anything. */
  boolean waitedEnough(String nonce) {
    boolean waiting = !overdue && inFlight.isPresent() && inFlight.get().nonce().equals(nonce);
    overdue |= waiting;
    return waiting;
  }

  /** Whether what depends on this type should still wait for an answer. */
  boolean holdsOthers() {
    return inFlight.isPresent() && !overdue;
  }

  TypeStatus.State state() {
    if (ledger.desired(type).values().stream().anyMatch(this::refusedAndLacked)) {
      return TypeStatus.State.NACKED;
    }
    if (inFlight.isPresent()) {
      return TypeStatus.State.SENT;
    }
    if (!ledger.published() || nextUpdates().isPresent() || nextRemovals().isPresent()) {
      return TypeStatus.State.PENDING;
    }
    return removalRefused ? TypeStatus.State.NACKED : TypeStatus.State.ACKED;
  }

  private boolean refusedAndLacked(Resource wanted) {
    return wants(wanted.name())
        && !wanted.version().equals(held.get(wanted.name()))
        && ledger.isParked(wanted);
  }
}
