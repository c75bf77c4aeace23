-- Batches: jobs that wait for their members. What a step changes about them is settled at its end,
-- once for each batch. Members are a row, see rows.lua, called `b:` and the batch's id; it goes
-- with the last of them.
--
-- Deleted batches whose members are to go stand in a sorted set, by the number of their creation:
-- id (16), retention of members or -1 (8), number of the member that was looked at last (7).

-- How a batch counts a member: 0 as outstanding, otherwise by its ending.
function batches.counted(kind, ending)
  return (kind == PARKED or kind == FINAL) and ending ~= 3 and ending or 0
end

function batches.takes_members(job) return job and has(job, BATCH) and job.ending ~= 2 end

function batches.touch(batch)
  local release = batches.touched[batch.id]
  if not release then push(batches.order, batch) end
  batches.touched[batch.id] = math.max(release or 0, batches.release)
end

function batches.change(id, total, outstanding, succeeded)
  local batch = get(id)
  -- It may be gone while members are there; then nobody counts any more.
  if not batch then return end
  touch(batch)
  local x = extra(batch)
  x.n, x.w, x.s = tostring(x.n + total), tostring(x.w + outstanding), tostring(x.s + succeeded)
  batches.touch(batch)
end

function batches.begin(job, new)
  local x = extra(job)
  x.f, x.m, x.u, x.n, x.w, x.s = new.state.text, new.when_met, new.when_unmet, '0', '0', '0'
  batches.touch(job)
end

function batches.join(job, id)
  batches.change(id, 1, 1, 0)
  job.batch, job.member = id, tonumber(extra(get(id)).n)
end

-- Before the job's state is another one.
function batches.enters(job, state)
  if has(job, BATCH) and state.ending == 2 then batches.touch(job) end
  if not has(job, MEMBER) then return end
  local before = batches.counted(job.kind, job.ending)
  local after = batches.counted(state.kind, state.ending)
  if before == after then return end
  batches.change(job.batch, 0, (after == 0 and 1 or 0) - (before == 0 and 1 or 0),
                 (after == 1 and 1 or 0) - (before == 1 and 1 or 0))
end

-- A member that is removed before it has ended counts as ended.
function batches.loses(job)
  if has(job, MEMBER) and batches.counted(job.kind, job.ending) == 0 then
    batches.change(job.batch, 0, -1, 0)
  end
end

function batches.begin_sweep(batch)
  if extra(batch).z then return end
  touch(batch)
  batch.x.z = '1'
  local is_kept = (batch.kind == PARKED or batch.kind == FINAL) and batch.due > 0
  later_call('ZADD', key.sweeps, batch.number,
             batch.id .. write('>i8I7', is_kept and batch.due - batch.since or -1, 0))
  news.due = true
end

function batches.decide(batch)
  local x, release = extra(batch), batches.release
  local outstanding = tonumber(x.w)
  if batch.ending == 2 then
    batches.begin_sweep(batch)
  elseif outstanding == 0 and batch.kind == WAITING then
    touch(batch)
    local ended = {}
    conclude(batch, x.s == x.n and x.m or x.u, release, ended)
    if ended[1] then settle(batch, ended[1][2], release) end
  elseif outstanding > 0 and (batch.kind == PARKED or batch.kind == FINAL or x.t) then
    local opened = read_state(x.f)
    opened.reason = 'A member began anew'
    move(batch, opened)
  end
end

-- Inner ones, which were created later, come first.
function batches.settle()
  local sorted = 0
  while #batches.order > 0 do
    if #batches.order > sorted then
      table.sort(batches.order, function(a, b) return a.number < b.number end)
    end
    local batch = table.remove(batches.order)
    sorted = #batches.order
    batches.release = batches.touched[batch.id]
    batches.touched[batch.id] = nil
    if not batch.removed then batches.decide(batch) end
  end
end

