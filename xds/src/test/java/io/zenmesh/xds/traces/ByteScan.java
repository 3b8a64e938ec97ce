package io.zenmesh.xds.traces;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Looks for many byte strings at once, wherever they begin. */
public final class ByteScan {
  private static final int HEAD = Long.BYTES;
  private static final int SLOTS = 1 << 16;

  private record Wanted(String title, byte[] bytes) {}

  private final Map<Long, List<Wanted>> byHead = new HashMap<>();
  private final boolean[] possible = new boolean[SLOTS];

  public ByteScan(Collection<PlantedSecret> secrets) {
    for (PlantedSecret secret : secrets) {
      secret
          .forms()
          .forEach((form, bytes) -> {
            long head = ByteBuffer.wrap(bytes).getLong();
            possible[slot(head)] = true;
            byHead
                .computeIfAbsent(head, it -> new ArrayList<>())
                .add(new Wanted(secret.name() + " (" + form + ")", bytes));
          });
    }
  }

  private static int slot(long head) {
    return (int) ((head * 0x9E3779B97F4A7C15L) >>> 48) & (SLOTS - 1);
  }

  /** What was found, as {@code name (form)}. */
  public SortedSet<String> in(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return in(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }
  }

  public SortedSet<String> in(byte[] bytes) {
    return in(ByteBuffer.wrap(bytes));
  }

  private SortedSet<String> in(ByteBuffer all) {
    SortedSet<String> found = new TreeSet<>();
    long head = 0;
    for (int i = 0; i < all.limit(); i++) {
      head = head << Byte.SIZE | (all.get(i) & 0xff);
      if (i >= HEAD - 1 && possible[slot(head)]) {
        int start = i - HEAD + 1;
        byHead.getOrDefault(head, List.of()).stream()
            .filter(it -> isAt(all, start, it.bytes()))
            .forEach(it -> found.add(it.title()));
      }
    }
    return found;
  }

  private static boolean isAt(ByteBuffer all, int start, byte[] wanted) {
    return start + wanted.length <= all.limit()
        && all.slice(start, wanted.length).equals(ByteBuffer.wrap(wanted));
  }
}
