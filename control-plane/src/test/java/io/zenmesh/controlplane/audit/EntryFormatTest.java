package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.AuditEvent.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EntryFormatTest {
  private static final Hash ZERO = Hash.of(new byte[Hash.BYTES]);

  private static AuditEvent event(String action, String object, String reason) {
    return new AuditEvent(
        TestEvents.ACME, Actor.system("timer"), action, object, Outcome.DONE, reason, "");
  }

  private record Placed(long seq, long time, AuditEvent event) {}

  @Test
  void A14_differentEntries_neverShareTheirBytes() {
    Random random = new Random(14);
    Map<String, Placed> seen = new HashMap<>();
    for (int i = 0; i < 200_000; i++) {
      Placed placed =
          new Placed(1 + random.nextInt(2), random.nextInt(2), TestEvents.confusing(random));
      String bytes =
          HexFormat.of()
              .formatHex(EntryFormat.bytes(ZERO, placed.seq(), placed.time(), placed.event()));
      Placed before = seen.putIfAbsent(bytes, placed);
      assertThat(before == null ? placed : before).isEqualTo(placed);
    }
    assertThat(seen).hasSizeGreaterThan(100_000);
  }

  @Test
  void A14_textsShiftedAcrossTheirBorder_giveOtherBytes() {
    assertThat(EntryFormat.bytes(ZERO, 1, 0, event("ab", "c", "")))
        .isNotEqualTo(EntryFormat.bytes(ZERO, 1, 0, event("a", "bc", "")))
        .isNotEqualTo(EntryFormat.bytes(ZERO, 1, 0, event("a", "b", "c")));
  }

  @Test
  void A14_halfSurrogatesAndControls_areOneEventBeforeTheyAreOneEncoding() {
    AuditEvent odd = event("a\ud83d", "b\u0000\n", "\udc00");
    assertThat(odd).isEqualTo(event("a\ufffd", "b\ufffd\ufffd", "\ufffd"));
    assertThat(event("a\u202e", "b\u00ad", "")).isEqualTo(event("a\ufffd", "b\ufffd", ""));
    assertThat(event("\u00e9", "\ud83d\ude00", "").object()).isEqualTo("\ud83d\ude00");
  }

  @Test
  void bytes_areAsThePageSays() {
    String expected =
        HexFormat.of().formatHex("zen-audit-entry-v1\n".getBytes(StandardCharsets.US_ASCII))
            + "0000000000000007"
            + "00065bfd3c81e000"
            + "00".repeat(32)
            + "00000004"
            + "61636d65"
            + "00000006"
            + "73797374656d"
            + "00000005"
            + "74696d6572"
            + "00000001"
            + "61"
            + "00000002"
            + "c3a9"
            + "00000004"
            + "646f6e65"
            + "00000000"
            + "00000000";
    assertThat(EntryFormat.bytes(ZERO, 7, 0x00065bfd3c81e000L, event("a", "\u00e9", "")))
        .asHexString()
        .isEqualToIgnoringCase(expected);
  }

  @Test
  void A11_genesis_isTiedToLogAndChain() {
    Hash genesis = EntryFormat.genesis("a", "bc");
    assertThat(genesis)
        .isEqualTo(EntryFormat.genesis("a", "bc"))
        .isNotEqualTo(EntryFormat.genesis("ab", "c"))
        .isNotEqualTo(EntryFormat.genesis("a", "c"));
  }

  @Test
  void hash_hasOneForm() {
    Hash hash = EntryFormat.genesis("a", "b");
    assertThat(Hash.parse(hash.toString())).isEqualTo(hash);
    assertThatThrownBy(() -> Hash.parse(hash.toString().substring(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hash: malformed (expected: 64 lower-case hex digits)");
    assertThatThrownBy(() -> Hash.parse(hash.toString().toUpperCase(Locale.ROOT)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Hash.parse("g" + hash.toString().substring(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Hash.of(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hash: 31 bytes (expected: 32)");
  }

  @Test
  void nextEntry_isNeverDatedBeforeTheLast() {
    ChainHead head = ChainHead.empty(TestEvents.LOG, TestEvents.ACME);
    AuditEntry first = head.next(event("a", "b", ""), 1_000);
    AuditEntry second = head.after(first).next(event("a", "b", ""), 999);
    assertThat(second.timeMicros()).isEqualTo(1_000);
    assertThat(second.seq()).isEqualTo(2);
    assertThatThrownBy(() -> head.next(TestEvents.event(TestEvents.GLOBEX, 1), 1_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("chain: globex (expected: acme)");
  }
}
