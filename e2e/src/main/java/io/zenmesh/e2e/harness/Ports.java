package io.zenmesh.e2e.harness;

import io.zenmesh.xds.model.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which port each part of a mesh listens on, all on 127.0.0.1.
 *
 * @param numbers one port for every {@link Part}
 */
public record Ports(Map<Part, Integer> numbers) {
  /** Below Linux's ephemeral range, so that no client socket takes one between choice and bind. */
  private static final int FIRST_FREE = 15_000;

  private static final int PAST_FREE = 32_000;
  private static final int TRIES = 2_000;
  private static final int LAST_PORT = 65_535;

  public Ports {
    numbers = Map.copyOf(numbers);
  }

  /** Free ports, chosen anew. */
  public static Ports free() {
    Map<Part, Integer> numbers = new EnumMap<>(Part.class);
    Set<Integer> chosen = new HashSet<>();
    for (Part part : Part.values()) {
      int port = free(chosen);
      chosen.add(port);
      numbers.put(part, port);
    }
    return new Ports(numbers);
  }

  /** The ports of the last start on this state where they are still free, else others. */
  public static Ports of(StateDirectory state) {
    Map<Part, Integer> before =
        Addresses.read(state).map(Addresses::numbers).orElseGet(() -> Map.of());
    Map<Part, Integer> numbers = new EnumMap<>(Part.class);
    Set<Integer> chosen = new HashSet<>(before.values());
    for (Part part : Part.values()) {
      int port = before.getOrDefault(part, 0);
      if (port == 0 || !isFree(port)) {
        port = free(chosen);
        chosen.add(port);
      }
      numbers.put(part, port);
    }
    return new Ports(numbers);
  }

  /** One free port. */
  public static int anyFree() {
    return free(Set.of());
  }

  /**
   * Fixed ports: {@code base} + {@link Part#offset()}.
   *
   * @throws HarnessException when one is out of range or taken
   */
  public static Ports from(int base) {
    Map<Part, Integer> numbers = new EnumMap<>(Part.class);
    List<Integer> taken = new ArrayList<>();
    for (Part part : Part.values()) {
      int port = base + part.offset();
      if (base < 1 || port > LAST_PORT) {
        throw new HarnessException(
            "--port-base: " + base + " (expected: 1 to " + (LAST_PORT - Part.REDIS.offset()) + ")");
      }
      if (!isFree(port)) {
        taken.add(port);
      }
      numbers.put(part, port);
    }
    if (!taken.isEmpty()) {
      throw new HarnessException(
          "--port-base: "
              + base
              + ", taken on 127.0.0.1: "
              + taken
              + " (expected: all free; choose another base, or none for free ports)");
    }
    return new Ports(numbers);
  }

  public int of(Part part) {
    return numbers.getOrDefault(part, 0);
  }

  /** The part's address. */
  public HostPort address(Part part) {
    return new HostPort("127.0.0.1", of(part));
  }

  private static int free(Set<Integer> except) {
    RandomGenerator random = RandomGenerator.getDefault();
    for (int i = 0; i < TRIES; i++) {
      int port = random.nextInt(FIRST_FREE, PAST_FREE);
      if (!except.contains(port) && isFree(port)) {
        return port;
      }
    }
    throw new HarnessException("ports: none free between " + FIRST_FREE + " and " + PAST_FREE);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
