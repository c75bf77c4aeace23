-- Writes what a session has changed. Only the first write can be refused, see
-- `write_although_full`.

local function lane_of(job)
  local lane = has(job, SUSPECT) and key.suspects or key.lane
  return has(job, NO_HANDLER) and lane .. job.queue .. '#' .. job.name or lane .. job.queue
end

local function row_of(job)
  if job.kind == WAITING then return 'w:' .. job.state end
  return (job.kind == PARKED and 'p:' or 'f:') .. job.state
end

local function timed_member(job) return number_bytes(job.number) .. job.id end

-- What has to be done to the indexes.
local function new_changes()
  return {join = {}, leave = {}, lanes = {}, rows = {}, places = {}, timed = {}, untimed = {},
          claims = {}, ended = {}, live = {}, running = {}, suspects = {}}
end

local function detach(changes, job)
  add(changes.live, job.queue .. '\0' .. state_of(job), -1)
  if job.kind == READY then
    push(gather(changes.leave, lane_of(job)), job.id)
    if has(job, NO_HANDLER) then changes.lanes[job.queue .. '#' .. job.name] = {job.queue, job.name} end
  elseif job.kind == TIMED then
    push(changes.untimed, timed_member(job))
  elseif job.kind == RUNNING then
    add(changes.ended, number_bytes(job.step) .. job.server, 1)
    add(changes.running, job.queue, -1)
    if has(job, SUSPECT) then add(changes.suspects, job.server, -1) end
  else
    push(gather(changes.places, row_of(job)), job.step)
  end
end

local function attach(changes, job)
  add(changes.live, job.queue .. '\0' .. state_of(job), 1)
  if job.kind == READY then
    push(gather(changes.join, lane_of(job)), job.place, job.id)
    if has(job, NO_HANDLER) then changes.lanes[job.queue .. '#' .. job.name] = {job.queue, job.name} end
  elseif job.kind == TIMED then
    push(changes.timed, job.due, timed_member(job))
  elseif job.kind == RUNNING then
    push(gather(changes.claims, number_bytes(job.step) .. job.server), job.id)
    add(changes.running, job.queue, 1)
    if has(job, SUSPECT) then add(changes.suspects, job.server, 1) end
  else
    push(gather(changes.rows, row_of(job)), job)
  end
end

local function write_lanes(changes)
  for lane, ids in pairs(changes.leave) do spread('ZREM', lane, ids) end
  for lane, list in pairs(changes.join) do spread('ZADD', lane, list) end
  for name, lane in pairs(changes.lanes) do
    local queue, handler = unpack(lane)
    if call('EXISTS', key.lane .. name, key.suspects .. name) > 0 then
      call('SADD', key.names .. queue, handler)
    else
      call('SREM', key.names .. queue, handler)
    end
  end
  spread('ZREM', key.timed, changes.untimed)
  spread('ZADD', key.timed, changes.timed)
end

local function write_rows(changes)
  for row, list in pairs(changes.rows) do
    local first = call('HINCRBY', P, 'row ' .. row, #list) - #list
    local ids, earliest = {}, nil
    for i, job in ipairs(list) do
      job.step = first + i - 1
      ids[i] = job.id
      if job.kind ~= WAITING and job.due > 0 and (not earliest or job.due < earliest) then
        earliest = job.due
      end
    end
    fill_row(row, first, ids, earliest)
  end
  for row, places in pairs(changes.places) do clear_row(row, places) end
end

local function write_claims(changes)
  end_claims(changes.ended)
  for name, ids in pairs(changes.claims) do
    write_claim(sub(name, 8), read('>I7', name), ids)
  end
  for server, delta in pairs(changes.suspects) do
    if delta ~= 0 then call('HINCRBY', key.server .. server, 'suspects', delta) end
  end
end

local function write_extra(job)
  if not job.x then return end
  local values, gone = {}, {}
  for field, value in pairs(job.x) do
    if job.x0[field] ~= value then push(values, field, value) end
  end
  for field in pairs(job.x0) do
    if job.x[field] == nil then push(gone, field) end
  end
  if #gone > 0 then call('HDEL', key.extra .. job.id, unpack(gone)) end
  if #values > 0 then call('HSET', key.extra .. job.id, unpack(values)) end
  if next(job.x) ~= nil then set(job, EXTRA) else clear(job, EXTRA) end
end

local function write_parents(job)
  if not job.parents then return end
  local values, gone = {}, {}
  for index, parent in pairs(job.parents) do
    if not job.parents0[index] then push(values, write('>I2', index), parent[1] .. char(parent[2])) end
  end
  for index in pairs(job.parents0) do
    if not job.parents[index] then push(gone, write('>I2', index)) end
  end
  spread('HDEL', key.parents .. job.id, gone)
  spread('HSET', key.parents .. job.id, values)
end

local function write_edges()
  for parent, of in pairs(edges) do
    local added, dropped = {}, {}
    for member, number in pairs(of.added) do push(added, number, member) end
    for member in pairs(of.dropped) do push(dropped, member) end
    spread('ZREM', key.children .. parent, dropped)
    local stored = get(parent)
    if stored then spread('ZADD', key.children .. parent, added) end
  end
end

local function delete_job(gone, job)
  push(gone, key.job .. job.id)
  if has(job, APART) then push(gone, key.arguments .. job.id) end
  if has(job, EXTRA) then push(gone, key.extra .. job.id) end
  if has(job, HISTORY) then push(gone, key.history .. job.id) end
  if has(job, LOG) then push(gone, key.log .. job.id) end
  if has(job, CHILDREN) then push(gone, key.children .. job.id) end
end

local function write_jobs(list)
  local records = {}
  for _, job in ipairs(list) do
    write_extra(job)
    write_parents(job)
    if job.steps then
      spread('RPUSH', key.history .. job.id, job.steps)
      set(job, HISTORY)
    end
    if job.apart == '' then
      call('UNLINK', key.arguments .. job.id)
    elseif job.apart then
      call('SET', key.arguments .. job.id, job.apart)
    end
    push(records, key.job .. job.id, encode(job))
  end
  set_all(records)
end

local function is_next_due(list)
  local earliest
  for i = 1, #list, 2 do
    if not earliest or list[i] < earliest then earliest = list[i] end
  end
  if not earliest then return false end
  local first = call('ZRANGE', key.timed, 0, 0, 'WITHSCORES')
  return first[2] ~= nil and tonumber(first[2]) >= earliest
end

local function tell_news()
  for queue in pairs(news.queues) do tell('queue/' .. queue) end
  for server in pairs(news.servers) do tell('server/' .. id_text(server)) end
  if news.due then tell('due') end
  if news.recurring then tell('recurring') end
  if #news.jobs > 0 then tell('jobs', concat(news.jobs)) end
end

-- Refused units leave gaps between the numbers.
local function number_in_row(row, list, number)
  local at = 1
  while list[at] do
    local ids, first = {}, list[at][number]
    while list[at] and list[at][number] == first + #ids do
      ids[#ids + 1] = list[at].id
      at = at + 1
    end
    fill_row(row, first, ids)
  end
end

local function number_created(created)
  number_in_row('all', created, 'number')
  local members = {}
  for _, job in ipairs(created) do
    if job.batch then push(gather(members, 'b:' .. job.batch), job) end
  end
  for row, list in pairs(members) do number_in_row(row, list, 'member') end
end

local function flush()
  batches.settle()
  limits.settle()
  local changes, moved, written, gone, created, limited = new_changes(), {}, {}, {}, {}, {}
  for _, job in ipairs(order) do
    if job.void then
      -- created by a unit that was refused
    elseif job.removed then
      detach(changes, job.old)
      push(gather(changes.places, 'all'), job.number)
      if job.batch then push(gather(changes.places, 'b:' .. job.batch), job.member) end
      delete_job(gone, job.old)
    else
      push(written, job)
      if not job.old then push(created, job) end
      if job.moved then push(moved, job) end
    end
    if job.x and job.x.l and not job.void then push(limited, job) end
  end
  table.sort(moved, function(a, b) return a.moved < b.moved end)
  table.sort(created, function(a, b) return a.number < b.number end)
  for _, job in ipairs(moved) do
    if job.old then detach(changes, job.old) end
    attach(changes, job)
  end
  if not refusable then write_although_full() end
  -- The first write that may be refused; from here on nothing is.
  call('HSET', P, 'number', numbers, 'step', steps)
  write_lanes(changes)
  number_created(created)
  write_rows(changes)
  write_claims(changes)
  write_edges()
  limits.write(limited)
  write_jobs(written)
  if #gone > 0 then
    for first = 1, #gone, 4000 do
      call('UNLINK', unpack(gone, first, math.min(first + 3999, #gone)))
    end
  end
  for _, command in ipairs(commands) do call(unpack(command)) end
  add_numbers(key.live, changes.live)
  add_numbers(key.running, changes.running)
  write_entries(entered)
  if is_next_due(changes.timed) then news.due = true end
  tell_news()
end

