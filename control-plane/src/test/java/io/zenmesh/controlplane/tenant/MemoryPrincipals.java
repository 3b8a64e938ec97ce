package io.zenmesh.controlplane.tenant;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Principals, tokens and tenants in memory, each tenant's apart. Passes the stores' contract.
 * Remembers no answers.
 */
public final class MemoryPrincipals implements PrincipalStore, TenantStore, Repeats {
  private final Set<Name> tenants = new HashSet<>();
  private final Map<Name, TreeMap<String, Principal>> principals = new HashMap<>();
  private final Map<Name, TreeMap<String, ApiToken>> tokens = new HashMap<>();

  public MemoryPrincipals(String... tenants) {
    List.of(tenants).forEach(it -> this.tenants.add(new Name(it)));
  }

  private TreeMap<String, Principal> mine() {
    return principals.computeIfAbsent(TenantContext.required(), it -> new TreeMap<>());
  }

  private TreeMap<String, ApiToken> myTokens() {
    return tokens.computeIfAbsent(TenantContext.required(), it -> new TreeMap<>());
  }

  @Override
  public synchronized boolean exists() {
    return tenants.contains(TenantContext.required());
  }

  @Override
  public synchronized List<Name> names(Optional<Name> after, int limit) {
    return tenants.stream()
        .sorted()
        .filter(it -> after.isEmpty() || it.compareTo(after.get()) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<Principal> principals(Optional<Name> after, int limit) {
    return mine().tailMap(after.map(Name::value).orElse(""), false).values().stream()
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized Optional<Principal> principal(Name name) {
    return Optional.ofNullable(mine().get(name.value()));
  }

  @Override
  public synchronized Optional<Principal> bySpiffeId(SpiffeId id) {
    return mine().values().stream().filter(it -> it.spiffeId().equals(Optional.of(id))).findFirst();
  }

  @Override
  public synchronized Outcome put(Principal principal, Predicate<Optional<Principal>> expected) {
    if (!expected.test(principal(principal.name()))) {
      return Outcome.UNEXPECTED;
    }
    boolean taken =
        principal
            .spiffeId()
            .flatMap(this::bySpiffeId)
            .filter(it -> !it.name().equals(principal.name()))
            .isPresent();
    if (taken || !exists()) {
      return Outcome.REFUSED;
    }
    mine().put(principal.name().value(), principal);
    return Outcome.DONE;
  }

  @Override
  public synchronized Outcome delete(Name name, Predicate<Principal> expected) {
    Optional<Principal> current = principal(name);
    if (current.isEmpty()) {
      return Outcome.ABSENT;
    }
    if (!expected.test(current.get())) {
      return Outcome.UNEXPECTED;
    }
    myTokens().values().removeIf(it -> it.principal().equals(name));
    mine().remove(name.value());
    return Outcome.DONE;
  }

  @Override
  public synchronized List<ApiToken> tokens(Optional<String> after, int limit) {
    return myTokens().tailMap(after.orElse(""), false).values().stream().limit(limit).toList();
  }

  @Override
  public synchronized Optional<ApiToken> token(String id) {
    return Optional.ofNullable(myTokens().get(id));
  }

  @Override
  public synchronized boolean add(ApiToken token) {
    if (principal(token.principal()).isEmpty()) {
      return false;
    }
    myTokens().put(token.id(), token);
    return true;
  }

  @Override
  public synchronized boolean revoke(String id, Instant at) {
    return myTokens()
            .computeIfPresent(
                id,
                (key, it) ->
                    new ApiToken(
                        it.id(),
                        it.principal(),
                        it.role(),
                        it.digest(),
                        it.created(),
                        it.expires(),
                        it.revoked().or(() -> Optional.of(at))))
        != null;
  }

  @Override
  public synchronized Begun begin(Key key, Instant now) {
    return new Begun.First();
  }

  @Override
  public synchronized void finish(Key key, int status, String contentType, String body) {}

  @Override
  public synchronized void forget(Key key) {}

  @Override
  public Optional<Retention> retention() {
    return Optional.empty();
  }

  @Override
  public Map<Name, Retention> retentions() {
    return Map.of();
  }
}
