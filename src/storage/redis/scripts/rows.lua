-- Rows: who entered something, in order, 64 ids to a string. An entry costs its 16 bytes where a
-- sorted set takes a hundred. A place that is given up is filled with zeros, and a chunk goes with
-- its last job.

local PER_CHUNK = 64

local function chunk_bytes(chunk) return write('>I6', chunk) end

local function count_in_chunk(row, chunk, delta)
  local name = chunk_bytes(chunk)
  local left = call('HINCRBY', key.filled .. row, name, delta)
  if left <= 0 then
    call('HDEL', key.filled .. row, name)
    call('ZREM', key.chunks .. row, chunk)
    call('ZREM', key.expiry, name .. row)
    call('DEL', key.chunk .. name .. row)
  elseif left == delta then
    call('ZADD', key.chunks .. row, chunk, chunk)
  end
end

-- Gives the ids the numbers from `first` on. `earliest`, where given, is the earliest instant at
-- which one of them expires.
local function fill_row(row, first, ids, earliest)
  local at, count = 1, #ids
  while at <= count do
    local number = first + at - 1
    local chunk, place = floor(number / PER_CHUNK), number % PER_CHUNK
    local last = math.min(count, at + PER_CHUNK - place - 1)
    local name = chunk_bytes(chunk)
    call('SETRANGE', key.chunk .. name .. row, place * 16, concat(ids, '', at, last))
    count_in_chunk(row, chunk, last - at + 1)
    if earliest then call('ZADD', key.expiry, 'LT', earliest, name .. row) end
    at = last + 1
  end
end

-- Gives up places of a row.
local function clear_row(row, numbers)
  local gone = {}
  for _, number in ipairs(numbers) do
    local chunk = floor(number / PER_CHUNK)
    call('SETRANGE', key.chunk .. chunk_bytes(chunk) .. row, (number % PER_CHUNK) * 16, NO_ID)
    gone[chunk] = (gone[chunk] or 0) + 1
  end
  for chunk, count in pairs(gone) do count_in_chunk(row, chunk, -count) end
end

