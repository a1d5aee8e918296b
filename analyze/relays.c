/* Which acceptances were found again in the log of the host that gave them.
 *
 * What one journey shows is only counted here; over all of them it tells which relays are hosts of ours, and
 * then an acceptance that is found nowhere is a loss (sql/groups_lost.c). */
#include "journey_impl.h"

void
relays_build(struct assembly *a, int component, struct assembled *out)
{
    const struct component *c = &a->components[component];
    for (size_t i = 0; i < c->nnodes; i++)
        for (size_t k = 0; k < c->nodes[i]->nattempts; k++) {
            const struct node *n = c->nodes[i];
            const struct attempt *t = n->attempts[k];
            const struct attempt *before = k > 0 ? n->attempts[k - 1] : NULL;
            if (before && str_eq(before->next_queue_id, t->next_queue_id) &&
                str_eq(before->relay_host, t->relay_host))
                continue; /* one acceptance for several recipients */
            if (t->result != RESULT_SENT || t->local || t->next_queue_id.n == 0 || is_loopback(t->relay_ip) ||
                is_loopback(t->relay_host) || (t->relay_host.n == 0 && t->relay_ip.n == 0))
                continue;
            const struct node *next = node_after(a, n, t);
            if (next == NULL || (!next->in_log && !next->implied) ||
                (next->in_log && !str_eq(next->t.queue_id, t->next_queue_id)))
                continue;
            ARENA_PUSH(a->arena, out->relayed, out->nrelayed, out->relayed_room) =
                (struct relayed){ t->relay_host, t->relay_ip, next->in_log ? next->t.host : (str){ 0 } };
        }
}
