package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.AuditEvent.Outcome;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Events and chains for tests. */
public final class TestEvents {
  public static final String LOG = "zen.test/audit/6f1c5c1e-7b8e-4f0a-9a53-0d8c5a3e2b11";
  public static final Name ACME = new Name("acme");
  public static final Name GLOBEX = new Name("globex");

  private TestEvents() {}

  /** A random private key for checkpoints, the caller's to close. */
  public static SecretBytes seed() {
    byte[] seed = new byte[32];
    new SecureRandom().nextBytes(seed);
    return SecretBytes.takeOver(seed);
  }

  /** An event of the chain that can be told from others by its number. */
  public static AuditEvent event(Name chain, int number) {
    return new AuditEvent(
        chain,
        new Actor(Actor.Kind.PRINCIPAL, "spiffe://zen.test/operator/admin"),
        "secret.unwrap",
        "secret/" + chain + "/stripe-" + number,
        Outcome.ALLOWED,
        "",
        "4bf92f3577b34da6a3ce929d0e0e4736");
  }

  /** A chain from its beginning; time advances by 100 microseconds. */
  public static List<AuditEntry> chain(Name chain, int length) {
    return forked(chain, length, Integer.MAX_VALUE);
  }

  /** The same chain up to before an entry, and another one from there on. */
  public static List<AuditEntry> forked(Name chain, int length, int from) {
    List<AuditEntry> entries = new ArrayList<>(length);
    ChainHead head = ChainHead.empty(LOG, chain);
    for (int i = 1; i <= length; i++) {
      AuditEntry entry =
          head.next(event(chain, i < from ? i : 1_000 + i), 1_790_000_000_000_000L + 100L * i);
      entries.add(entry);
      head = head.after(entry);
    }
    return entries;
  }

  /** What an export says of an entry. */
  public static ClaimedEntry claimed(AuditEntry entry) {
    AuditEvent event = entry.event();
    return new ClaimedEntry(
        event.chain().value(),
        entry.seq(),
        entry.timeMicros(),
        event.actor().kind().name().toLowerCase(Locale.ROOT),
        event.actor().id(),
        event.action(),
        event.object(),
        event.outcome().name().toLowerCase(Locale.ROOT),
        event.reason(),
        event.correlation(),
        entry.hash());
  }

  /** Short texts out of few letters, so that borders between fields are likely to be confused. */
  static AuditEvent confusing(RandomGenerator random) {
    return new AuditEvent(
        random.nextBoolean() ? ACME : GLOBEX,
        new Actor(pick(random, Actor.Kind.values()), text(random, 1)),
        text(random, 1),
        text(random, 1),
        pick(random, Outcome.values()),
        text(random, 0),
        text(random, 0));
  }

  private static <T> T pick(RandomGenerator random, T[] of) {
    return of[random.nextInt(of.length)];
  }

  private static String text(RandomGenerator random, int least) {
    String[] letters = {"a", "/", ".", "\u0001", "\u00e9", "\ud83d\ude00", "\ud83d"};
    StringBuilder text = new StringBuilder();
    for (int i = least + random.nextInt(3); i > 0; i--) {
      text.append(pick(random, letters));
    }
    return text.toString();
  }
}
