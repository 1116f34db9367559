// Everything in maps, as the adapter that oidc-provider brings for development has it, but without that
// one's bound of a thousand entries: what is measured must not be thrown away meanwhile.

const stored = new Map();
const byGrant = new Map();

/** See "adapter" in the documentation of oidc-provider. Nothing here lives long enough to expire. */
export class MemoryAdapter {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload) {
    const key = this.key(id);
    stored.set(key, payload);
    if (payload.uid) stored.set(`${this.model}:uid:${payload.uid}`, key);
    if (payload.grantId && this.model !== 'Grant') {
      const keys = byGrant.get(payload.grantId) ?? [];
      keys.push(key);
      byGrant.set(payload.grantId, keys);
    }
  }

  async find(id) {
    return stored.get(this.key(id));
  }

  async findByUid(uid) {
    return stored.get(stored.get(`${this.model}:uid:${uid}`));
  }

  async findByUserCode() {
    return undefined;
  }

  async consume(id) {
    stored.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    stored.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const key of byGrant.get(grantId) ?? []) stored.delete(key);
    byGrant.delete(grantId);
  }
}
