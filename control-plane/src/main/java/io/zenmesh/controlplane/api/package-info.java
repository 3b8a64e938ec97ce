/**
 * The admin API over HTTPS.
 *
 * <h2>How to add a route</h2>
 *
 * <ol>
 *   <li>Write the operation into {@code openapi.yaml} (beside this package, in the resources): an
 *       {@code operationId}, all parameters and bodies with closed schemas ({@code
 *       additionalProperties: false}), {@code default: Refused} among the responses. What belongs
 *       to a tenant lies below {@code /v1/tenants/{tenant}/}. A body larger than 256 KiB says so
 *       with {@code x-zen-max-bytes}.
 *   <li>Write its row into {@code access.yaml}: a cell for each role.
 *   <li>Give it a handler, by its {@code operationId}, in a {@link
 *       io.zenmesh.controlplane.api.RouteGroup} of the feature, and name the group in {@code
 *       ControlPlane}, where the server is made.
 *   <li>Where the tests make a server ({@code TestApi}), add the group too.
 * </ol>
 *
 * <p>Whatever of this is missing fails the start and {@code ApiContractTest}. A handler gets what
 * was authenticated, authorized, put on record and checked; of a tenant's route it runs within
 * {@link io.zenmesh.controlplane.tenant.TenantContext}. It answers a value ({@link
 * io.zenmesh.controlplane.api.Answer}), {@code Answer.notFound()} for what is not there, and one of
 * the problems of {@code Problem.Kind}; it throws only what is nobody's fault but ours. What it
 * changes it records itself, before it takes effect.
 */
@NullMarked
package io.zenmesh.controlplane.api;

import org.jspecify.annotations.NullMarked;
