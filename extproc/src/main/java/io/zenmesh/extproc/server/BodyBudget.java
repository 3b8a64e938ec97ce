package io.zenmesh.extproc.server;

import io.zenmesh.xds.model.Name;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many bytes of bodies may be under way to this process at once. Thread-safe; never blocks.
 *
 * <p>Room is taken before Envoy is asked for a body, since all of it is sent before anything can be
 * verified, and given back as soon as it was looked at or the stream is over. Large bodies get at
 * most three quarters, so that slow uploads of them leave room for ordinary webhooks; a tenant gets
 * at most half of the whole and half of what is for large ones, so that a flood of unsigned uploads
 * to one leaves the other half to its neighbours. What finds no room may wait for it, first come
 * first served among the bodies of one tenant and size; how long is the caller's to say.
 */
final class BodyBudget {
  /** For a heap, and as much direct memory, of 128 MiB. */
  static final long DEFAULT_BYTES = 48L * 1024 * 1024;

  /** Bodies of up to this many bytes may use the last quarter. */
  static final long SMALL_BODY_BYTES = 64 * 1024;

  /** How long a request waits for room: half of what Envoy waits for its answer. */
  static final Duration LONGEST_WAIT = Duration.ofMillis(500);

  /** How many may wait at once; of one tenant, half as many. */
  static final int MOST_WAITING = 1024;

  private final long limit;
  private final long largeLimit;
  private final Map<Name, Share> shares = new HashMap<>();

  /** The tenants of which something waits, each once. */
  private final ArrayDeque<Share> queue = new ArrayDeque<>();

  private long inUse;
  private long largeInUse;
  private int waiting;

  BodyBudget(long limit) {
    this.limit = limit;
    this.largeLimit = limit - limit / 4;
  }

  /** How a request for room stands. */
  enum Standing {
    /** The room is taken. */
    HELD,
    /** In the queue. */
    WAITING,
    /** Given back, left, or never let into the queue. */
    OVER
  }

  /**
   * Takes room for a body, or else a place in the queue.
   *
   * @param thereIsRoom run once after a wait, by whoever made room: it must not take locks
   */
  synchronized Ticket ask(Name tenant, long bytes, Runnable thereIsRoom) {
    Share share = shares.computeIfAbsent(tenant, Share::new);
    Ticket ticket = new Ticket(share, bytes, thereIsRoom);
    if (ticket.line().isEmpty() && fits(ticket)) {
      count(ticket, bytes);
      ticket.standing = Standing.HELD;
    } else if (mayWait(ticket)) {
      if (share.waiting() == 0) {
        queue.addLast(share);
      }
      ticket.line().addLast(ticket);
      waiting++;
      ticket.standing = Standing.WAITING;
    }
    forgetIfIdle(share);
    return ticket;
  }

  synchronized long inUse() {
    return inUse;
  }

  synchronized int waiting() {
    return waiting;
  }

  private boolean fits(Ticket ticket) {
    long bytes = ticket.bytes;
    return inUse + bytes <= limit
        && ticket.share.inUse + bytes <= limit / 2
        && (!ticket.isLarge()
            || (largeInUse + bytes <= largeLimit
                && ticket.share.largeInUse + bytes <= largeLimit / 2));
  }

  private boolean mayWait(Ticket ticket) {
    long most = ticket.isLarge() ? largeLimit / 2 : limit / 2;
    return ticket.bytes <= most
        && waiting < MOST_WAITING
        && ticket.share.waiting() < MOST_WAITING / 2;
  }

  private void count(Ticket ticket, long bytes) {
    inUse += bytes;
    ticket.share.inUse += bytes;
    if (ticket.isLarge()) {
      largeInUse += bytes;
      ticket.share.largeInUse += bytes;
    }
  }

  private synchronized List<Ticket> end(Ticket ticket) {
    Standing before = ticket.standing;
    if (before == Standing.OVER) {
      return List.of();
    }
    ticket.standing = Standing.OVER;
    if (before == Standing.HELD) {
      count(ticket, -ticket.bytes);
    } else {
      ticket.line().remove(ticket);
      waiting--;
      if (ticket.share.waiting() == 0) {
        queue.remove(ticket.share);
      }
    }
    // After a wait too: who stood behind may be smaller.
    List<Ticket> served = serve();
    forgetIfIdle(ticket.share);
    return served;
  }

  /** One tenant after the other; who was looked at first stands last the next time. */
  private List<Ticket> serve() {
    List<Ticket> served = new ArrayList<>();
    for (int left = queue.size(); left > 0; left--) {
      Share share = queue.removeFirst();
      serve(share.small, served);
      serve(share.large, served);
      if (share.waiting() > 0) {
        queue.addLast(share);
      }
    }
    return served;
  }

  private void serve(ArrayDeque<Ticket> line, List<Ticket> served) {
    while (!line.isEmpty() && fits(line.getFirst())) {
      Ticket next = line.removeFirst();
      waiting--;
      count(next, next.bytes);
      next.standing = Standing.HELD;
      served.add(next);
    }
  }

  private void forgetIfIdle(Share share) {
    if (share.inUse == 0 && share.waiting() == 0) {
      shares.remove(share.tenant, share);
    }
  }

  /** What one tenant holds and waits for; guarded by the budget. */
  private static final class Share {
    private final Name tenant;
    private final ArrayDeque<Ticket> small = new ArrayDeque<>();
    private final ArrayDeque<Ticket> large = new ArrayDeque<>();
    private long inUse;
    private long largeInUse;

    Share(Name tenant) {
      this.tenant = tenant;
    }

    int waiting() {
      return small.size() + large.size();
    }
  }

  /** One request's room, or its place in the queue; guarded by the budget. */
  final class Ticket implements AutoCloseable {
    private final Share share;
    private final long bytes;
    private final Runnable thereIsRoom;
    private Standing standing = Standing.OVER;

    private Ticket(Share share, long bytes, Runnable thereIsRoom) {
      this.share = share;
      this.bytes = bytes;
      this.thereIsRoom = thereIsRoom;
    }

    private boolean isLarge() {
      return bytes > SMALL_BODY_BYTES;
    }

    private ArrayDeque<Ticket> line() {
      return isLarge() ? share.large : share.small;
    }

    Standing standing() {
      synchronized (BodyBudget.this) {
        return standing;
      }
    }

    /** Gives the room back, or leaves the queue; a second time nothing. */
    @Override
    public void close() {
      end(this).forEach(next -> next.thereIsRoom.run());
    }
  }
}
