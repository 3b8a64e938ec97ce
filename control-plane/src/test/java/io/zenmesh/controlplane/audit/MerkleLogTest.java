package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.verify.TreeVerifier;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Against the definitions of RFC 6962 section 2.1, written down here word by word. */
class MerkleLogTest {
  private static final int MOST = 300;

  private final List<Hash> entries = new ArrayList<>();
  private final MerkleLog log = new MerkleLog((from, to) -> entries.subList((int) from, (int) to));
  private final TreeVerifier verifier = new TreeVerifier();

  private void grow(int to) throws NoSuchAlgorithmException {
    while (entries.size() < to) {
      Hash entry = sha256(ByteBuffer.allocate(4).putInt(entries.size()).array());
      entries.add(entry);
      log.append(entry);
    }
  }

  private static Hash sha256(byte[]... parts) throws NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (byte[] part : parts) {
      digest.update(part);
    }
    return Hash.of(digest.digest());
  }

  /** MTH(D[n]). */
  private static Hash mth(List<Hash> d) throws NoSuchAlgorithmException {
    if (d.isEmpty()) {
      return sha256();
    }
    if (d.size() == 1) {
      return sha256(new byte[] {0}, d.getFirst().bytes());
    }
    int k = k(d.size());
    return sha256(
        new byte[] {1}, mth(d.subList(0, k)).bytes(), mth(d.subList(k, d.size())).bytes());
  }

  /** PATH(m, D[n]). */
  private static List<Hash> path(int m, List<Hash> d) throws NoSuchAlgorithmException {
    if (d.size() == 1) {
      return new ArrayList<>();
    }
    int k = k(d.size());
    List<Hash> path = m < k ? path(m, d.subList(0, k)) : path(m - k, d.subList(k, d.size()));
    path.add(mth(m < k ? d.subList(k, d.size()) : d.subList(0, k)));
    return path;
  }

  /** SUBPROOF(m, D[n], b). */
  private static List<Hash> subproof(int m, List<Hash> d, boolean b)
      throws NoSuchAlgorithmException {
    if (m == d.size()) {
      return b ? new ArrayList<>() : new ArrayList<>(List.of(mth(d)));
    }
    int k = k(d.size());
    if (m <= k) {
      List<Hash> proof = subproof(m, d.subList(0, k), b);
      proof.add(mth(d.subList(k, d.size())));
      return proof;
    }
    List<Hash> proof = subproof(m - k, d.subList(k, d.size()), false);
    proof.add(mth(d.subList(0, k)));
    return proof;
  }

  private static int k(int n) {
    int k = 1;
    while (2 * k < n) {
      k *= 2;
    }
    return k;
  }

  @Test
  void knownRoots_areThoseOfTheLiterature() {
    // The empty root and the leaf of an empty entry, as every RFC 6962 implementation tests them.
    assertThat(log.root())
        .hasToString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assertThat(verifier.root()).isEqualTo(log.root());
  }

  @Test
  void rootOfEverySize_isAsDefined() throws NoSuchAlgorithmException {
    for (int size = 0; size <= MOST; size++) {
      grow(size);
      Hash defined = mth(entries);
      assertThat(log.root()).as("size " + size).isEqualTo(defined);
      assertThat(verifier.root()).as("size " + size).isEqualTo(defined);
      if (size < MOST) {
        grow(size + 1);
        verifier.add(entries.getLast());
      }
    }
    for (int size = 0; size <= MOST; size++) {
      assertThat(log.root(size)).isEqualTo(mth(entries.subList(0, size)));
    }
  }

  @Test
  void inclusionOfEveryEntry_isAsDefinedAndChecks() throws NoSuchAlgorithmException {
    grow(MOST);
    for (int size : new int[] {1, 2, 3, 7, 8, 63, 64, 65, 127, 130, 255, 257, MOST}) {
      List<Hash> d = entries.subList(0, size);
      Hash root = mth(d);
      for (int m = 0; m < size; m++) {
        List<Hash> proof = log.inclusion(m, size);
        assertThat(proof).isEqualTo(path(m, d));
        assertThat(verifier.includes(entries.get(m), m, size, proof, root)).isTrue();
        assertThat(verifier.includes(entries.get((m + 1) % MOST), m, size, proof, root)).isFalse();
        assertThat(verifier.includes(entries.get(m), m + 1, size, proof, root)).isFalse();
        assertThat(verifier.includes(entries.get(m), m, size, with(proof, root), root)).isFalse();
        if (!proof.isEmpty()) {
          List<Hash> cut = proof.subList(0, proof.size() - 1);
          assertThat(verifier.includes(entries.get(m), m, size, cut, root)).isFalse();
        }
      }
    }
  }

  private static List<Hash> with(List<Hash> proof, Hash more) {
    List<Hash> longer = new ArrayList<>(proof);
    longer.add(more);
    return longer;
  }

  @Test
  void consistencyOfEveryPair_isAsDefinedAndChecks() throws NoSuchAlgorithmException {
    grow(MOST);
    for (int second : new int[] {1, 2, 3, 6, 7, 8, 64, 65, 128, 129, 200, MOST}) {
      List<Hash> d = entries.subList(0, second);
      Hash root = mth(d);
      for (int first = 1; first <= second; first++) {
        Hash firstRoot = mth(d.subList(0, first));
        List<Hash> proof = log.consistency(first, second);
        assertThat(proof).isEqualTo(subproof(first, d, true));
        assertThat(verifier.continues(first, firstRoot, second, root, proof)).isTrue();
        assertThat(verifier.continues(first, entries.getFirst(), second, root, proof)).isFalse();
        assertThat(verifier.continues(first, firstRoot, second, entries.getFirst(), proof))
            .isFalse();
        assertThat(verifier.continues(first, firstRoot, second, root, with(proof, root))).isFalse();
      }
    }
  }

  @Test
  void A12_entryChangedAnywhereInTheMiddle_changesTheRoot() throws NoSuchAlgorithmException {
    grow(MOST);
    for (int changed = 0; changed < MOST; changed++) {
      TreeVerifier other = new TreeVerifier();
      for (int i = 0; i < MOST; i++) {
        other.add(i == changed ? log.root() : entries.get(i));
      }
      assertThat(other.root()).isNotEqualTo(log.root());
    }
  }

  @Test
  void placesOutsideOfTheLog_areRefused() throws NoSuchAlgorithmException {
    grow(3);
    assertThatThrownBy(() -> log.root(4)).hasMessage("size: 4 (expected: 0 to 3)");
    assertThatThrownBy(() -> log.inclusion(3, 3)).hasMessage("position: 3 (expected: 0 to 2)");
    assertThatThrownBy(() -> log.consistency(0, 3)).hasMessage("first: 0 (expected: 1 to 3)");
    assertThat(verifier.includes(entries.getFirst(), 3, 3, List.of(), log.root())).isFalse();
    assertThat(verifier.includes(entries.getFirst(), -1, 3, List.of(), log.root())).isFalse();
    assertThat(verifier.continues(3, log.root(), 3, log.root(), List.of(log.root()))).isFalse();
    assertThat(verifier.continues(4, log.root(), 3, log.root(), List.of(log.root()))).isFalse();
    assertThat(verifier.continues(0, log.root(), 3, log.root(), List.of(log.root()))).isFalse();
  }
}
