package io.zenmesh.controlplane.api;

/**
 * Answers one operation.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>It is called after authentication, authorization, their record and the check of all parameters
 * and of a JSON body against the contract, and never otherwise. Of a route of a tenant, it runs
 * within {@link io.zenmesh.controlplane.tenant.TenantContext} of that tenant.
 */
@FunctionalInterface
public interface ApiHandler {
  /**
   * Does the work. What it throws becomes a problem without detail.
   *
   * @see Answer
   */
  Answer answer(ApiRequest request);
}
